/** @file A small fast hash for keys, buckets and draws. Not for secrets. */

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
  hash ^= text.length
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}
