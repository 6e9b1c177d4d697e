/**
 * @file Weights as safetensors: read strictly, written the same for the same tensors.
 *
 * Eight bytes of header length (little-endian), the header in JSON (`name: { dtype, shape, data_offsets }` and text under
 * `__metadata__`), then the numbers, little-endian, one tensor behind the other. Only F32 here. Refused: anything cut off,
 * gaps, overlaps, other types, numbers that are not finite. Source: the format's own description, huggingface.co/docs/safetensors.
 */
import { z } from 'zod'
import { ConfigError, invariant } from '../../core/index.ts'

export interface StoredTensor {
  readonly shape: readonly number[]
  readonly values: Float32Array
}

export interface Safetensors {
  /** In the order of their numbers. */
  readonly tensors: ReadonlyMap<string, StoredTensor>
  readonly metadata: Readonly<Record<string, string>>
}

/** Longer headers are not ours, and would be parsed before anything else is known. */
const mostHeaderBytes = 1_000_000
const metadataName = '__metadata__'
const fix = 'Use weights as `inframind train` writes them, copied whole.'

const size = z.int().nonnegative()
const tensorEntry = z.strictObject({
  dtype: z.literal('F32'),
  shape: z.array(size),
  data_offsets: z.tuple([size, size]),
})
const textEntries = z.record(z.string(), z.string())

type TensorEntry = z.infer<typeof tensorEntry>

/** Where it is, what should be there, what is. */
type Complain = (path: string, expected: string, got: string) => never

const complainAbout =
  (source: string): Complain =>
  (path, expected, got) => {
    throw new ConfigError([{ path, expected, got, fix }], source)
  }

const productOf = (shape: readonly number[]): number => shape.reduce((product, length) => product * length, 1)

/** Throws ConfigError, naming `source`. The tensors are copies. */
export function parseSafetensors(bytes: Uint8Array, source: string): Safetensors {
  const complain = complainAbout(source)
  const { header, start } = readHeader(bytes, complain)
  const metadata = textEntries.safeParse(header[metadataName] ?? {})
  if (!metadata.success) return complain(metadataName, 'texts by name', 'something else')
  const entries = Object.entries(header)
    .filter(([name]) => name !== metadataName)
    .map(([name, entry]) => [name, checkedEntry(name, entry, complain)] as const)
    .sort(([, a], [, b]) => a.data_offsets[0] - b.data_offsets[0] || a.data_offsets[1] - b.data_offsets[1])
  const tensors = new Map<string, StoredTensor>()
  let next = 0
  for (const [name, { shape, data_offsets }] of entries) {
    const [begin, end] = data_offsets
    if (begin !== next) complain(name, `numbers from byte ${next} on`, `from byte ${begin} on`)
    if (start + end > bytes.length) complain(name, `${start + end} bytes`, `${bytes.length}: the file is cut off`)
    // A copy, also of a Buffer, whose own `slice` is a view.
    const own = new Uint8Array(bytes.subarray(start + begin, start + end))
    tensors.set(name, { shape, values: readNumbers(own, name, complain) })
    next = end
  }
  if (start + next !== bytes.length) complain('(end)', `${start + next} bytes`, `${bytes.length}`)
  return { tensors, metadata: metadata.data }
}

function readHeader(bytes: Uint8Array, complain: Complain) {
  if (bytes.length < 8) return complain('(start)', 'at least 8 bytes', `${bytes.length}`)
  const length = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true)
  if (length > mostHeaderBytes) return complain('(start)', `a header of at most ${mostHeaderBytes} bytes`, `${length}`)
  const start = 8 + Number(length)
  if (start > bytes.length) return complain('(header)', `${length} bytes`, `${bytes.length - 8}: the file is cut off`)
  let header: unknown
  try {
    header = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(8, start)))
  } catch {
    return complain('(header)', 'JSON', 'something else')
  }
  if (typeof header !== 'object' || header === null || Array.isArray(header))
    return complain('(header)', 'tensors by name', JSON.stringify(header).slice(0, 40))
  return { header: header as Record<string, unknown>, start }
}

function checkedEntry(name: string, entry: unknown, complain: Complain): TensorEntry {
  const parsed = tensorEntry.safeParse(entry)
  if (!parsed.success) {
    const shown = JSON.stringify(entry).slice(0, 80)
    return complain(name, '{ dtype: "F32", shape, data_offsets: [begin, end] }', shown)
  }
  const { shape, data_offsets } = parsed.data
  const [begin, end] = data_offsets
  if (end - begin !== 4 * productOf(shape))
    complain(name, `${4 * productOf(shape)} bytes for shape [${shape.join(', ')}]`, `${end - begin}`)
  return parsed.data
}

/** `bytes` starts an array of its own, so the numbers are aligned. */
function readNumbers(bytes: Uint8Array<ArrayBuffer>, name: string, complain: Complain): Float32Array {
  const values = new Float32Array(bytes.buffer)
  const odd = values.findIndex((value) => !Number.isFinite(value))
  if (odd >= 0) complain(`${name}[${odd}]`, 'a finite number', String(values[odd]))
  return values
}

/** The same bytes for the same tensors in the same order. Throws `INVARIANT_VIOLATED` where shape and numbers disagree. */
export function serialiseSafetensors({ tensors, metadata }: Safetensors): Uint8Array {
  let end = 0
  const entries = [...tensors].map(([name, { shape, values }]) => {
    invariant(name !== metadataName, `no tensor can be named ${metadataName}`)
    invariant(values.length === productOf(shape), `${values.length} numbers of ${name} for shape [${shape.join(', ')}]`)
    const begin = end
    end += 4 * values.length
    return [name, { dtype: 'F32', shape, data_offsets: [begin, end] }]
  })
  const texts = Object.keys(metadata).length > 0 ? [[metadataName, metadata]] : []
  const json = new TextEncoder().encode(JSON.stringify(Object.fromEntries([...texts, ...entries])))
  // Spaces up to a multiple of 8, so that readers may map the numbers where they lie.
  const start = 8 * Math.ceil((8 + json.length) / 8)
  const bytes = new Uint8Array(start + end).fill(0x20, 8, start)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(start - 8), true)
  bytes.set(json, 8)
  let offset = start
  for (const { values } of tensors.values()) {
    bytes.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), offset)
    offset += values.byteLength
  }
  return bytes
}
