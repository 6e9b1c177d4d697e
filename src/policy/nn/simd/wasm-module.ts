/**
 * @file Puts functions together into the bytes of a WebAssembly module with one memory, everything exported by its name.
 *
 * Sections as in the WebAssembly Core Specification 2.0, section 5.5: types, functions, memory, exports, code.
 */
import { type Code, i32, typeCode, unsigned, type ValueType } from './wasm-code.ts'

/** A parameter or a local of a function. */
export interface Local {
  readonly get: Code
  set(value: Code): Code
  /** Adds to an i32. */
  increase(by: Code): Code
}

export interface Declare {
  /** In the order of the call; all before the first local. */
  parameter(type: ValueType): Local
  local(type: ValueType): Local
}

export interface WasmFunction {
  readonly name: string
  readonly parameters: readonly ValueType[]
  readonly locals: readonly ValueType[]
  readonly body: Code
}

/** A function without a result; `write` declares what it needs and gives the code. */
export function wasmFunction(name: string, write: (declare: Declare) => Code): WasmFunction {
  const [parameters, locals]: [ValueType[], ValueType[]] = [[], []]
  const declare = (to: ValueType[], type: ValueType): Local => {
    const place = unsigned(parameters.length + locals.length)
    to.push(type)
    const get = [0x20, ...place]
    const set = (value: Code) => [...value, 0x21, ...place]
    return { get, set, increase: (by) => set(i32.add(get, by)) }
  }
  const body = write({ parameter: (type) => declare(parameters, type), local: (type) => declare(locals, type) })
  return { name, parameters, locals, body }
}

/** A length before what it is the length of. */
const sized = (bytes: Code): Code => [...unsigned(bytes.length), ...bytes]
const list = (items: readonly Code[]): Code => [...unsigned(items.length), ...items.flat()]
const section = (id: number, bytes: Code): Code => [id, ...sized(bytes)]
const named = (name: string): Code => sized([...new TextEncoder().encode(name)])

const typeOf = ({ parameters }: WasmFunction): Code => [0x60, ...list(parameters.map((type) => [typeCode(type)])), 0]
const codeOf = ({ locals, body }: WasmFunction): Code =>
  sized([...list(locals.map((type) => [1, typeCode(type)])), ...body, 0x0b])

/** `memory` starts with one page of 64 KiB. */
export function wasmModule(functions: readonly WasmFunction[]): Uint8Array<ArrayBuffer> {
  const exported = functions.map(({ name }, index) => [...named(name), 0, ...unsigned(index)])
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, list(functions.map(typeOf))),
    ...section(3, list(functions.map((_, index) => unsigned(index)))),
    ...section(5, list([[0, 1]])),
    ...section(7, list([...exported, [...named('memory'), 2, 0]])),
    ...section(10, list(functions.map(codeOf))),
  ])
}
