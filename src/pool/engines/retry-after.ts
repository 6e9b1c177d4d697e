/** @file When an engine says to come back: `retry-after-ms`, or `Retry-After` in seconds or as a date. */

export type WireHeaders = Readonly<Record<string, string | readonly string[] | undefined>>

/** First value of a header; `name` in lower case. */
export function headerValue(headers: WireHeaders, name: string): string | undefined {
  const value = headers[name]
  return typeof value === 'string' ? value : value?.[0]
}

/** Ms from `nowMs` (epoch, for dates), never negative; null: not said, or not understood. */
export function retryAfterMs(headers: WireHeaders, nowMs: number): number | null {
  const exact = toNumber(headerValue(headers, 'retry-after-ms'))
  if (exact !== null) return Math.max(0, exact)
  const value = headerValue(headers, 'retry-after')
  const seconds = toNumber(value)
  if (seconds !== null) return Math.max(0, seconds * 1000)
  const dateMs = Date.parse(value ?? '')
  return Number.isNaN(dateMs) ? null : Math.max(0, dateMs - nowMs)
}

function toNumber(value: string | undefined): number | null {
  if (value === undefined || !/^\s*-?\d+(\.\d+)?\s*$/.test(value)) return null
  return Number(value)
}
