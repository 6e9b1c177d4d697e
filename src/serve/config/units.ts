/**
 * @file Durations and sizes as people write them in a config: a number and its unit, `30s`, `500ms`, `4MB`.
 *
 * A bare number is refused: nobody remembers whether a budget was in seconds or milliseconds. Sizes are binary
 * (1 KB = 1024 bytes), as in the limits of most HTTP servers; `KiB` and `MiB` are accepted for the same.
 */

const msPerUnit = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const
const bytesPerUnit = {
  b: 1,
  kb: 1024,
  kib: 1024,
  mb: 1024 ** 2,
  mib: 1024 ** 2,
  gb: 1024 ** 3,
  gib: 1024 ** 3,
} as const

/** Matches what `parseDurationMs` reads. */
export const durationPattern = /^\d+(\.\d+)?(ms|s|m|h|d)$/
/** Matches what `parseSizeBytes` reads. */
export const sizePattern = /^\d+(\.\d+)?([Kk]i?[Bb]|[Mm]i?[Bb]|[Gg]i?[Bb]|[Bb])$/

/** Milliseconds of `30s`, `1.5m`, `500ms`, `2h`, `7d`; null where the text is none of these. */
export function parseDurationMs(text: string): number | null {
  if (!durationPattern.test(text)) return null
  const unit = text.replace(/^[\d.]+/, '') as keyof typeof msPerUnit
  return Number.parseFloat(text) * msPerUnit[unit]
}

/** Bytes of `4MB`, `512KB`, `1.5GiB`, `100B`; null where the text is none of these. */
export function parseSizeBytes(text: string): number | null {
  if (!sizePattern.test(text)) return null
  const unit = text.replace(/^[\d.]+/, '').toLowerCase() as keyof typeof bytesPerUnit
  return Math.round(Number.parseFloat(text) * bytesPerUnit[unit])
}
