/**
 * @file Who may ask, and how much: API keys by digest, a rate and a concurrency per key.
 *
 * A presented key is hashed and compared with every digest in constant time, so that neither content nor position shows
 * in the time taken. The rate is a token bucket of one minute's worth: a burst may use it at once.
 */
import { createHash, timingSafeEqual } from 'node:crypto'
import { type Clock, InframindError } from '../../core/index.ts'
import type { ApiKey } from '../config/index.ts'
import type { Headers } from './ports.ts'

interface Holder {
  readonly key: ApiKey
  readonly digest: Buffer
  tokens: number
  refilledAtMs: number
  underWay: number
}

const nothing = () => {}

export class KeyGuard {
  readonly #clock: Clock
  readonly #holders: readonly Holder[] | null

  /** `keys` null: everybody may ask. */
  constructor(keys: readonly ApiKey[] | null, clock: Clock) {
    this.#clock = clock
    const now = clock.nowMs()
    const toHolder = (key: ApiKey): Holder => ({
      key,
      digest: Buffer.from(key.sha256, 'hex'),
      tokens: burst(key),
      refilledAtMs: now,
      underWay: 0,
    })
    this.#holders = keys?.map(toHolder) ?? null
  }

  /** The key behind `Authorization: Bearer`; null where none is asked for. Throws `UNAUTHORIZED`. */
  identify(headers: Headers): ApiKey | null {
    if (this.#holders === null) return null
    const { authorization } = headers
    const presented = typeof authorization === 'string' ? /^Bearer +(\S+) *$/i.exec(authorization)?.[1] : undefined
    if (presented === undefined) {
      throw new InframindError('UNAUTHORIZED', 'Send your key as "Authorization: Bearer KEY".')
    }
    const digest = createHash('sha256').update(presented, 'utf8').digest()
    let found: ApiKey | null = null
    for (const holder of this.#holders) if (timingSafeEqual(holder.digest, digest)) found = holder.key
    if (found === null) throw new InframindError('UNAUTHORIZED', 'This key is not known here.')
    return found
  }

  /** Counts one request against `key`; the result ends it. Throws `RATE_LIMITED`. */
  admit(key: ApiKey | null): () => void {
    const holder = this.#holders?.find((candidate) => candidate.key === key)
    if (holder === undefined) return nothing
    const { concurrency, ratePerMinute } = holder.key
    if (concurrency !== null && holder.underWay >= concurrency) {
      throw new InframindError('RATE_LIMITED', `This key may have ${concurrency} requests under way at once.`)
    }
    if (ratePerMinute !== null) this.#takeToken(holder, ratePerMinute)
    holder.underWay += 1
    return () => {
      holder.underWay -= 1
    }
  }

  #takeToken(holder: Holder, ratePerMinute: number): void {
    const perMs = ratePerMinute / 60_000
    const now = this.#clock.nowMs()
    holder.tokens = Math.min(burst(holder.key), holder.tokens + (now - holder.refilledAtMs) * perMs)
    holder.refilledAtMs = now
    if (holder.tokens < 1) {
      const retryAfterMs = (1 - holder.tokens) / perMs
      throw new InframindError('RATE_LIMITED', `This key may ask ${ratePerMinute} times a minute.`, { retryAfterMs })
    }
    holder.tokens -= 1
  }
}

const burst = ({ ratePerMinute }: ApiKey) => Math.max(1, ratePerMinute ?? 1)

/** Throws `FORBIDDEN` where `key` may not ask for `model`, whether or not it exists. */
export function checkModelAllowed(key: ApiKey | null, model: unknown): void {
  if (key === null || key.models === null || typeof model !== 'string') return
  const at = model.lastIndexOf('@')
  if (key.models.includes(model) || (at > 0 && key.models.includes(model.slice(0, at)))) return
  throw new InframindError('FORBIDDEN', `This key may ask for: ${key.models.join(', ')}.`, { param: 'model' })
}
