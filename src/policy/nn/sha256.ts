/**
 * @file SHA-256 of bytes, to tell whether weights belong to their header. Not for secrets.
 *
 * Its own because decisions touch no platform, and parsing must be synchronous. The constants are the first 32 bits of the
 * fractional parts of the square and cube roots of the primes. Source: FIPS 180-4, section 6.2.
 */

const firstPrimes: number[] = []
for (let n = 2; firstPrimes.length < 64; n += 1) if (firstPrimes.every((prime) => n % prime !== 0)) firstPrimes.push(n)

const fractionBits = (value: number): number => ((value % 1) * 2 ** 32) | 0
const roundConstants = Int32Array.from(firstPrimes, (prime) => fractionBits(Math.cbrt(prime)))
const startState = Int32Array.from(firstPrimes.slice(0, 8), (prime) => fractionBits(Math.sqrt(prime)))

const turn = (word: number, bits: number): number => (word >>> bits) | (word << (32 - bits))

/** The message with a 1 bit, zeros and its length in bits behind it: whole blocks of 64 bytes. */
function padded(bytes: Uint8Array): DataView {
  const blocks = Math.ceil((bytes.length + 9) / 64)
  const message = new Uint8Array(64 * blocks)
  message.set(bytes)
  message[bytes.length] = 0x80
  const view = new DataView(message.buffer)
  view.setBigUint64(64 * blocks - 8, BigInt(bytes.length) * 8n)
  return view
}

/** The 64 words of a block, into `words`. */
function expand(message: DataView, block: number, words: Int32Array): void {
  for (let index = 0; index < 16; index += 1) words[index] = message.getInt32(64 * block + 4 * index)
  for (let index = 16; index < 64; index += 1) {
    const [early, late] = [words[index - 15]!, words[index - 2]!]
    const first = turn(early, 7) ^ turn(early, 18) ^ (early >>> 3)
    const second = turn(late, 17) ^ turn(late, 19) ^ (late >>> 10)
    words[index] = words[index - 16]! + first + words[index - 7]! + second
  }
}

/** One block's rounds, added to `state`. */
function compress(state: Int32Array, words: Int32Array): void {
  let [a, b, c, d, e, f, g, h] = state as unknown as [number, number, number, number, number, number, number, number]
  for (let index = 0; index < 64; index += 1) {
    const choice = (e & f) ^ (~e & g)
    const majority = (a & b) ^ (a & c) ^ (b & c)
    const first = (h + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + choice + roundConstants[index]! + words[index]!) | 0
    const second = ((turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + majority) | 0
    h = g
    g = f
    f = e
    e = (d + first) | 0
    d = c
    c = b
    b = a
    a = (first + second) | 0
  }
  for (const [index, word] of [a, b, c, d, e, f, g, h].entries()) state[index]! += word
}

/** 64 hexadecimal digits. */
export function sha256(bytes: Uint8Array): string {
  const message = padded(bytes)
  const state = startState.slice()
  const words = new Int32Array(64)
  for (let block = 0; block < message.byteLength / 64; block += 1) {
    expand(message, block, words)
    compress(state, words)
  }
  return Array.from(state, (word) => (word >>> 0).toString(16).padStart(8, '0')).join('')
}
