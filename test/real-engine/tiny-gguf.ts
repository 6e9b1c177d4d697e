/**
 * @file Writes a tiny language model with random weights: Llama architecture, two layers, byte vocabulary, 0.5 MB.
 *
 * Format: GGUF version 3, little-endian: magic, version, counts, key-value metadata, tensor descriptors, then the tensors,
 * each aligned to 32 bytes (https://github.com/ggml-org/ggml/blob/master/docs/gguf.md). All tensors are F32; the weights
 * come from a fixed seed, so the file is the same byte for byte everywhere.
 *
 * The text is meaningless but printable: the first of the hidden dimensions carries a constant, and the rows of the output
 * matrix turn it into a bonus for printable characters and a penalty for all other tokens. The end token gets the bonus of
 * a character where the model is to end by itself (after some hundred tokens), and the penalty otherwise.
 */
const width = 64
const heads = 4
const keyValueHeads = 2
const feedForwardWidth = 128
const layers = 2
const contextTokens = 8192
const alignment = 32

const types = { uint32: 4, int32: 5, float32: 6, bool: 7, string: 8, array: 9 }
const tokenTypes = { normal: 1, unknown: 2, control: 3, byte: 6 }

interface Token {
  readonly text: string
  readonly type: number
}

interface Tensor {
  /** Fastest-varying dimension first. */
  readonly shape: readonly number[]
  readonly data: Float32Array
}

type Scalar = number | string | boolean
interface Entry {
  readonly type: number
  readonly value: Scalar | readonly Scalar[]
  /** Type of an array's elements. */
  readonly element?: number
}

export interface TinyGgufOptions {
  readonly seed?: number
  /** Whether answers end with the end token, or only at a cap. Default true. */
  readonly endsItself?: boolean
}

/** SentencePiece vocabulary: three special tokens, all bytes, the printable ASCII characters (space as U+2581), newline. */
function vocabulary(): Token[] {
  const bytes = Array.from({ length: 256 }, (_, byte) => `<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`)
  const characters = Array.from({ length: 95 }, (_, index) => String.fromCharCode(32 + index).replace(' ', '\u2581'))
  return [
    { text: '<unk>', type: tokenTypes.unknown },
    { text: '<s>', type: tokenTypes.control },
    { text: '</s>', type: tokenTypes.control },
    ...bytes.map((text) => ({ text, type: tokenTypes.byte })),
    ...characters.map((text) => ({ text, type: tokenTypes.normal })),
  ]
}
const endToken = 2

/** Uniform in [0, 1) from a 32-bit seed (mulberry32, public domain). */
function createUniform(seed: number): () => number {
  let state = seed | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

function tensors(tokens: readonly Token[], { seed = 1, endsItself = true }: TinyGgufOptions): [string, Tensor][] {
  const uniform = createUniform(seed)
  // Zero mean and the given standard deviation.
  const random = (shape: readonly number[], deviation: number): Tensor => ({
    shape,
    data: Float32Array.from(
      { length: shape.reduce((a, b) => a * b) },
      () => (uniform() - 0.5) * Math.sqrt(12) * deviation,
    ),
  })
  const ones = (length: number): Tensor => ({ shape: [length], data: new Float32Array(length).fill(1) })
  const embedding = random([width, tokens.length], 1)
  const output = random([width, tokens.length], 0.15)
  for (const [token, { type }] of tokens.entries()) {
    const isWanted = type === tokenTypes.normal || (token === endToken && endsItself)
    embedding.data[token * width] = 4
    output.data[token * width] = isWanted ? 2 : -2
  }
  const keyValueWidth = (width / heads) * keyValueHeads
  const named: Record<string, Tensor> = {
    'token_embd.weight': embedding,
    'output_norm.weight': ones(width),
    'output.weight': output,
  }
  for (let layer = 0; layer < layers; layer += 1) {
    Object.assign(named, {
      [`blk.${layer}.attn_norm.weight`]: ones(width),
      [`blk.${layer}.attn_q.weight`]: random([width, width], 0.05),
      [`blk.${layer}.attn_k.weight`]: random([width, keyValueWidth], 0.05),
      [`blk.${layer}.attn_v.weight`]: random([width, keyValueWidth], 0.05),
      [`blk.${layer}.attn_output.weight`]: random([width, width], 0.05),
      [`blk.${layer}.ffn_norm.weight`]: ones(width),
      [`blk.${layer}.ffn_gate.weight`]: random([width, feedForwardWidth], 0.05),
      [`blk.${layer}.ffn_up.weight`]: random([width, feedForwardWidth], 0.05),
      [`blk.${layer}.ffn_down.weight`]: random([feedForwardWidth, width], 0.05),
    })
  }
  return Object.entries(named)
}

function metadata(tokens: readonly Token[]): [string, Entry][] {
  const array = (type: number, value: readonly Scalar[]) => ({ type: types.array, element: type, value })
  const uint32 = (value: number) => ({ type: types.uint32, value })
  const float32 = (value: number) => ({ type: types.float32, value })
  const string = (value: string) => ({ type: types.string, value })
  const bool = (value: boolean) => ({ type: types.bool, value })
  return Object.entries({
    'general.architecture': string('llama'),
    'general.name': string('tiny-random'),
    'general.alignment': uint32(alignment),
    'llama.context_length': uint32(contextTokens),
    'llama.embedding_length': uint32(width),
    'llama.block_count': uint32(layers),
    'llama.feed_forward_length': uint32(feedForwardWidth),
    'llama.attention.head_count': uint32(heads),
    'llama.attention.head_count_kv': uint32(keyValueHeads),
    'llama.attention.layer_norm_rms_epsilon': float32(1e-5),
    'llama.rope.dimension_count': uint32(width / heads),
    'llama.vocab_size': uint32(tokens.length),
    'tokenizer.ggml.model': string('llama'),
    'tokenizer.ggml.tokens': array(
      types.string,
      tokens.map(({ text }) => text),
    ),
    'tokenizer.ggml.scores': array(
      types.float32,
      tokens.map(() => 0),
    ),
    'tokenizer.ggml.token_type': array(
      5,
      tokens.map(({ type }) => type),
    ),
    'tokenizer.ggml.unknown_token_id': uint32(0),
    'tokenizer.ggml.bos_token_id': uint32(1),
    'tokenizer.ggml.eos_token_id': uint32(endToken),
    'tokenizer.ggml.add_bos_token': bool(true),
    'tokenizer.ggml.add_space_prefix': bool(false),
  })
}

/** Collects little-endian values. */
class Writer {
  readonly #parts: Buffer[] = []
  length = 0

  bytes(buffer: Buffer): void {
    this.#parts.push(buffer)
    this.length += buffer.length
  }
  uint32(value: number): void {
    const buffer = Buffer.alloc(4)
    buffer.writeUInt32LE(value)
    this.bytes(buffer)
  }
  uint64(value: number): void {
    const buffer = Buffer.alloc(8)
    buffer.writeBigUInt64LE(BigInt(value))
    this.bytes(buffer)
  }
  float32(value: number): void {
    const buffer = Buffer.alloc(4)
    buffer.writeFloatLE(value)
    this.bytes(buffer)
  }
  string(text: string): void {
    const buffer = Buffer.from(text, 'utf8')
    this.uint64(buffer.length)
    this.bytes(buffer)
  }
  scalar(type: number, value: Scalar): void {
    if (type === types.string) this.string(String(value))
    else if (type === types.float32) this.float32(Number(value))
    else if (type === types.bool) this.bytes(Buffer.from([value ? 1 : 0]))
    else this.uint32(Number(value))
  }
  entry({ type, element, value }: Entry): void {
    this.uint32(type)
    if (element === undefined) return this.scalar(type, value as Scalar)
    const items = value as readonly Scalar[]
    this.uint32(element)
    this.uint64(items.length)
    for (const item of items) this.scalar(element, item)
  }
  align(): void {
    this.bytes(Buffer.alloc((alignment - (this.length % alignment)) % alignment))
  }
  result(): Buffer {
    return Buffer.concat(this.#parts)
  }
}

/** The whole file as bytes. */
export function tinyGguf(options: TinyGgufOptions = {}): Buffer {
  const tokens = vocabulary()
  const weights = tensors(tokens, options)
  const entries = metadata(tokens)
  const file = new Writer()
  file.bytes(Buffer.from('GGUF'))
  file.uint32(3)
  file.uint64(weights.length)
  file.uint64(entries.length)
  for (const [key, entry] of entries) {
    file.string(key)
    file.entry(entry)
  }
  let offset = 0
  for (const [name, { shape, data }] of weights) {
    file.string(name)
    file.uint32(shape.length)
    for (const size of shape) file.uint64(size)
    file.uint32(0)
    file.uint64(offset)
    offset += Math.ceil(data.byteLength / alignment) * alignment
  }
  file.align()
  for (const [, { data }] of weights) {
    file.bytes(Buffer.from(data.buffer))
    file.align()
  }
  return file.result()
}
