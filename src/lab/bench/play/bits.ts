/** @file One bit per query, packed: small enough to keep for every cell. */

/** Packs flags, the first into the lowest bit of the first byte, as base64. */
export function packBits(flags: readonly boolean[]): string {
  const bytes = new Uint8Array(Math.ceil(flags.length / 8))
  for (const [index, flag] of flags.entries())
    if (flag) bytes[index >> 3] = (bytes[index >> 3] as number) | (1 << (index & 7))
  return Buffer.from(bytes).toString('base64')
}

/** The first `count` flags of a packed string. */
export function unpackBits(packed: string, count: number): readonly boolean[] {
  const bytes = Buffer.from(packed, 'base64')
  return Array.from({ length: count }, (_, index) => (((bytes[index >> 3] ?? 0) >> (index & 7)) & 1) === 1)
}
