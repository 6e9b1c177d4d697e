/** @file Weights on disk: round trips, the format byte by byte, and every way in which a file can be broken. */
import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ConfigError } from '../../core/index.ts'
import { parseSafetensors, type Safetensors, serialiseSafetensors, sha256 } from './index.ts'

const tensor = fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 3 }).chain((shape) => {
  const size = shape.reduce((product, length) => product * length, 1)
  return fc
    .array(fc.float({ noNaN: true, noDefaultInfinity: true }), { minLength: size, maxLength: size })
    .map((values) => ({ shape, values: Float32Array.from(values) }))
})
const files = fc.record({
  tensors: fc
    .dictionary(
      fc.string().filter((name) => name !== '__metadata__' && !/^\d+$/.test(name)),
      tensor,
      { noNullPrototype: true },
    )
    .map((record) => new Map(Object.entries(record))),
  metadata: fc.dictionary(fc.string(), fc.string(), { noNullPrototype: true }),
})
const small: Safetensors = {
  tensors: new Map([
    ['a', { shape: [2], values: Float32Array.of(1, 2) }],
    ['b', { shape: [1, 1], values: Float32Array.of(3) }],
  ]),
  metadata: {},
}
/** A file of any header over `numbers` bytes of zeros. */
const fileOf = (header: unknown, numbers = 0) => {
  const json = new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header))
  const bytes = new Uint8Array(8 + json.length + numbers)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(json.length), true)
  bytes.set(json, 8)
  return bytes
}
const problemOf = (bytes: Uint8Array) => {
  try {
    parseSafetensors(bytes, 'weights.safetensors')
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError)
    expect((error as ConfigError).message).toContain('weights.safetensors')
    return (error as ConfigError).problems[0]
  }
  throw new Error('it was read')
}
const entry = (begin: number, end: number, more: object = {}) => ({
  dtype: 'F32',
  shape: [(end - begin) / 4],
  data_offsets: [begin, end],
  ...more,
})

describe('bytes as files are read', () => {
  it('are a Buffer, perhaps in the midst of another', () => {
    const bytes = serialiseSafetensors(small)
    const midst = Buffer.concat([Buffer.alloc(3), bytes, Buffer.alloc(5)]).subarray(3, 3 + bytes.length)
    for (const buffer of [Buffer.from(bytes), midst]) expect(parseSafetensors(buffer, 'x')).toEqual(small)
  })
})

describe('safetensors', () => {
  it('come back as they were, to the last bit and in order', () => {
    fc.assert(
      fc.property(files, (file) => {
        const bytes = serialiseSafetensors(file)
        const read = parseSafetensors(bytes, 'x')
        expect(new Set(read.tensors.keys())).toEqual(new Set(file.tensors.keys()))
        for (const [name, { shape, values }] of file.tensors) {
          expect(read.tensors.get(name)?.shape).toEqual(shape)
          expect([...(read.tensors.get(name)?.values ?? [])]).toEqual([...values])
        }
        expect(read.metadata).toEqual(file.metadata)
        expect(serialiseSafetensors(file)).toEqual(bytes)
      }),
    )
  })

  it('have the layout that other frameworks read', () => {
    const bytes = serialiseSafetensors({ ...small, metadata: { format: 'x' } })
    const length = Number(new DataView(bytes.buffer).getBigUint64(0, true))
    expect((8 + length) % 8).toBe(0)
    expect(JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length)))).toEqual({
      __metadata__: { format: 'x' },
      a: { dtype: 'F32', shape: [2], data_offsets: [0, 8] },
      b: { dtype: 'F32', shape: [1, 1], data_offsets: [8, 12] },
    })
    expect(new DataView(bytes.buffer).getFloat32(8 + length + 8, true)).toBe(3)
    expect(bytes.length).toBe(8 + length + 12)
  })

  it('are read from the middle of other bytes', () => {
    const bytes = serialiseSafetensors(small)
    const around = new Uint8Array(bytes.length + 3).fill(9)
    around.set(bytes, 3)
    expect(parseSafetensors(around.subarray(3), 'x')).toEqual(small)
  })

  it.each([
    ['nothing', new Uint8Array(0), '(start)'],
    ['a header of 2^60 bytes', Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 16), '(start)'],
    ['a header longer than the file', Uint8Array.of(99, 0, 0, 0, 0, 0, 0, 0, 1), '(header)'],
    ['no JSON', fileOf('{"a":'), '(header)'],
    ['broken UTF-8', Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 0, 0xff), '(header)'],
    ['a list', fileOf([1]), '(header)'],
    ['null', fileOf('null'), '(header)'],
    ['metadata that is no text', fileOf({ __metadata__: { a: 1 } }), '__metadata__'],
    ['another type', fileOf({ a: entry(0, 4, { dtype: 'F16' }) }, 4), 'a'],
    ['a tensor that is no tensor', fileOf({ a: 7 }), 'a'],
    ['unknown keys', fileOf({ a: entry(0, 4, { other: 1 }) }, 4), 'a'],
    ['a negative size', fileOf({ a: entry(0, 4, { shape: [-1] }) }, 4), 'a'],
    ['offsets backwards', fileOf({ a: entry(0, 4, { data_offsets: [4, 0] }) }, 4), 'a'],
    ['a shape of another size', fileOf({ a: entry(0, 4, { shape: [3] }) }, 4), 'a'],
    ['overlapping tensors', fileOf({ a: entry(0, 8), b: entry(4, 12) }, 12), 'b'],
    ['the same numbers twice', fileOf({ a: entry(0, 8), b: entry(0, 8) }, 8), 'b'],
    ['a gap', fileOf({ a: entry(0, 4), b: entry(8, 12) }, 12), 'b'],
    ['a file that is cut off', fileOf({ a: entry(0, 8) }, 7), 'a'],
    ['bytes behind the end', fileOf({ a: entry(0, 8) }, 9), '(end)'],
  ])('are refused with %s', (_, bytes, path) => {
    expect(problemOf(bytes)?.path).toBe(path)
  })

  it.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])('are refused with %s among them', (odd) => {
    const bytes = serialiseSafetensors({
      ...small,
      tensors: new Map([['w', { shape: [3], values: Float32Array.of(0, 1, odd) }]]),
    })
    expect(problemOf(bytes)).toMatchObject({ path: 'w[2]', got: String(odd) })
  })

  it('are refused wherever they are cut, and never fail in another way', () => {
    const bytes = serialiseSafetensors(small)
    for (let length = 0; length < bytes.length; length += 1) problemOf(bytes.slice(0, length))
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 }),
        (changes) => {
          const broken = bytes.slice()
          for (const [place, value] of changes) broken[place] = value
          try {
            parseSafetensors(broken, 'x')
          } catch (error) {
            expect(error).toBeInstanceOf(ConfigError)
          }
        },
      ),
      { numRuns: 2000 },
    )
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (noise) => {
        expect(() => parseSafetensors(noise, 'x')).toThrow(ConfigError)
      }),
    )
  })

  it('are not written with numbers that do not fit their shape, or under the name of the metadata', () => {
    const one = { shape: [2], values: Float32Array.of(1) }
    expect(() => serialiseSafetensors({ tensors: new Map([['w', one]]), metadata: {} })).toThrow('1 numbers of w')
    expect(() => serialiseSafetensors({ tensors: new Map([['__metadata__', one]]), metadata: {} })).toThrow(
      '__metadata__',
    )
  })
})

describe('SHA-256', () => {
  it('is what the platform says, for every length around a block', () => {
    for (const length of [0, 1, 3, 55, 56, 57, 63, 64, 65, 119, 120, 1000]) {
      const bytes = Uint8Array.from({ length }, (_, index) => (index * 31) % 256)
      expect(sha256(bytes)).toBe(createHash('sha256').update(bytes).digest('hex'))
    }
  })
})
