/** @file A small fast hash for keys, buckets and draws. Not for secrets. */

/** A bijection of the 32-bit integers that spreads every bit over all others (MurmurHash3's finaliser). */
export function mixBits(value: number): number {
  let mixed = Math.imul(value ^ (value >>> 16), 0x85ebca6b)
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35)
  return (mixed ^ (mixed >>> 16)) >>> 0
}

/** 32-bit hash of `text` under `seed` (MurmurHash3 x86_32 over UTF-16 units; Appleby 2011, public domain). */
export function hashText(text: string, seed = 0): number {
  let hash = seed | 0
  for (let index = 0; index < text.length; index += 1) {
    let block = Math.imul(text.charCodeAt(index), 0xcc9e2d51)
    block = (block << 15) | (block >>> 17)
    hash ^= Math.imul(block, 0x1b873593)
    hash = (hash << 13) | (hash >>> 19)
    hash = (Math.imul(hash, 5) + 0xe6546b64) | 0
  }
  return mixBits(hash ^ text.length)
}
