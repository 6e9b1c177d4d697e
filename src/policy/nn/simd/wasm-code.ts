/**
 * @file The few WebAssembly instructions that the kernels need, as functions that give their bytes.
 *
 * A stack machine's code is its operands' code and then the instruction: `f32x4.add(a, b)` is the bytes of a, of b, and of
 * the addition. So code nests like an expression, and loops of TypeScript write out what is repeated. Addresses and lengths
 * are bytes. Opcodes: WebAssembly Core Specification 2.0, section 5.4.
 */

export type Code = readonly number[]
export type ValueType = keyof typeof typeCodes

const typeCodes = { i32: 0x7f, f32: 0x7d, v128: 0x7b } as const
export const typeCode = (type: ValueType): number => typeCodes[type]

/** A whole number >= 0 in groups of seven bits, least first (LEB128). */
export function unsigned(value: number): Code {
  const group = value & 0x7f
  return value < 0x80 ? [group] : [group | 0x80, ...unsigned(value >>> 7)]
}

/** A whole number in groups of seven bits, least first; the last one's highest bit is the sign. */
function signed(value: number): Code {
  const group = value & 0x7f
  const isLast = value >> 6 === 0 || value >> 6 === -1
  return isLast ? [group] : [group | 0x80, ...signed(value >> 7)]
}

export const seq = (...parts: readonly Code[]): Code => parts.flat()

const plain =
  (opcode: number) =>
  (...operands: readonly Code[]): Code => [...operands.flat(), opcode]

/** Vector instructions have a prefix of their own. */
const vector =
  (opcode: number) =>
  (...operands: readonly Code[]): Code => [...operands.flat(), 0xfd, ...unsigned(opcode)]

/** Alignment is a hint, here none; `offset` is added to the address. */
const placed = (opcode: Code) => (address: Code, offset: number, value: Code) => [
  ...address,
  ...value,
  ...opcode,
  0,
  ...unsigned(offset),
]

export const i32 = {
  const: (value: number): Code => [0x41, ...signed(value)],
  add: plain(0x6a),
  shiftRight: plain(0x76),
  isLess: plain(0x49),
  isAtMost: plain(0x4d),
}

export const f32 = {
  const: (value: number): Code => [0x43, ...new Uint8Array(Float32Array.of(value).buffer)],
  fromI32: plain(0xb3),
  sqrt: plain(0x91),
  add: plain(0x92),
  mul: plain(0x94),
  div: plain(0x95),
  store: placed([0x38]),
}

/** Four numbers of single precision at once. */
export const f32x4 = {
  load: (address: Code, offset = 0): Code => placed([0xfd, 0x00])(address, offset, []),
  /** One number from memory, four times. */
  loadSplat: (address: Code): Code => placed([0xfd, 0x09])(address, 0, []),
  store: placed([0xfd, 0x0b]),
  splat: vector(0x13),
  lane: (value: Code, lane: number): Code => [...value, 0xfd, 0x1f, lane],
  add: vector(0xe4),
  sub: vector(0xe5),
  mul: vector(0xe6),
  max: vector(0xe9),
}

/** Runs `body` for as long as `condition`, asked before each time, holds. */
export const whileTrue = (condition: Code, ...body: readonly Code[]): Code => [
  ...[0x02, 0x40, 0x03, 0x40], // block, loop: neither leaves a value
  ...[...condition, 0x45, 0x0d, 1], // not so: out of the block
  ...seq(...body),
  ...[0x0c, 0, 0x0b, 0x0b], // to the loop's beginning; both end
]
