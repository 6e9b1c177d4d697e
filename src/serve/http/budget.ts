/**
 * @file The latency budget of one request: who may say it, in which order, and what only caps it.
 *
 * Order: header `x-inframind-budget-ms`, body `inframind.budget_ms`, suffix of the model's name, virtual model, default.
 * `auto` is predicted: factor x the time that the default team would keep to 19 times in 20 at the present load.
 * Every source that is present is checked, also where another one wins. A client's own time-out never sets a budget: it
 * caps the deadline, less a margin for the way back. A time-out header that cannot be read is another program's affair
 * and is passed over; our own header is not.
 */
import { type AutoBudget, clamp, InframindError } from '../../core/index.ts'
import type { Headers } from './ports.ts'

/** Bounds of a predicted budget: below, no engine over a network answers; above, nobody waits. */
const leastAutoMs = 250
const mostAutoMs = 300_000
export const defaultAutoFactor = 1.5

const budgetHeader = 'x-inframind-budget-ms'
export const longestBudgetMs = 24 * 3_600_000

/** Kept back from a client's time-out, so that the answer is there before the client gives up. */
const timeoutMarginMs = 250
/** No time-out caps a budget below this. */
const smallestCapMs = 50
/** The unset default of a widespread client (10 minutes), sent with every request: it means nothing. */
const stainlessUnsetSeconds = 600

export interface BudgetSources {
  readonly headers: Headers
  /** `inframind.budget_ms`, null where absent. */
  readonly bodyMs: number | 'auto' | null
  readonly suffixMs: number | null
  readonly virtualMs: number | 'auto' | null
  /** Also where `auto` cannot be predicted. */
  readonly defaultMs: number
  /** The key's ceiling; null: none. */
  readonly ceilingMs: number | null
  /** What `auto` comes to; null, or absent: it cannot be predicted. Called at most once, and only where it is asked for. */
  predict?(): AutoBudget | null
}

export interface Budget {
  /** From arrival to the deadline. */
  readonly budgetMs: number
  /** Null: the budget was given. */
  readonly auto: AutoBudget | null
}

/** Throws `REQUEST_INVALID` naming `source` unless 0 < `ms` <= 24 h. `given`: as it was written. */
function checkBudget(ms: number, source: string, given = String(ms)): number {
  if (Number.isFinite(ms) && ms > 0 && ms <= longestBudgetMs) return ms
  const message = `${source}: expected milliseconds above 0 and at most ${longestBudgetMs} (24 h), got ${given.slice(0, 40)}.`
  throw new InframindError('REQUEST_INVALID', message, { param: source })
}

const single = (value: Headers[string]) => (typeof value === 'string' ? value : value?.join(', '))

function headerBudget(headers: Headers): number | 'auto' | null {
  const text = single(headers[budgetHeader])
  if (text === undefined) return null
  if (text.trim().toLowerCase() === 'auto') return 'auto'
  // Number('') is 0 and Number('0x10') 16: only decimal digits count.
  return checkBudget(/^-?\d+(\.\d+)?$/.test(text.trim()) ? Number(text) : Number.NaN, budgetHeader, `"${text}"`)
}

function secondsOf(value: Headers[string]): number | null {
  const text = single(value)?.trim() ?? ''
  return /^\d+(\.\d+)?$/.test(text) ? Number(text) : null
}

/** The least deadline that the client's time-out headers leave, ms from arrival; null: none is set. */
export function timeoutCap(headers: Headers): number | null {
  const stainless = secondsOf(headers['x-stainless-timeout'])
  const litellm = secondsOf(headers['x-litellm-timeout'])
  const portkeyMs = secondsOf(headers['x-portkey-request-timeout'])
  const timeoutsMs = [
    // Whole seconds, cut: 0 stands for anything under one second.
    stainless === null || stainless === stainlessUnsetSeconds ? null : stainless === 0 ? 1000 : stainless * 1000,
    litellm === null || litellm === 0 ? null : litellm * 1000,
    portkeyMs === 0 ? null : portkeyMs,
  ].filter((ms) => ms !== null)
  if (timeoutsMs.length === 0) return null
  return Math.max(smallestCapMs, Math.min(...timeoutsMs) - timeoutMarginMs)
}

/** `ms`, as far as the client's time-out and the key's ceiling leave it. */
export const capBudget = (ms: number, { headers, ceilingMs }: Pick<BudgetSources, 'headers' | 'ceilingMs'>): number =>
  Math.min(ms, timeoutCap(headers) ?? ms, ceilingMs ?? ms)

/** Throws `REQUEST_INVALID` naming the source at fault. */
export function resolveBudget(sources: BudgetSources): Budget {
  const header = headerBudget(sources.headers)
  if (typeof sources.bodyMs === 'number') checkBudget(sources.bodyMs, 'inframind.budget_ms')
  if (sources.suffixMs !== null) checkBudget(sources.suffixMs, 'model')
  const asked = header ?? sources.bodyMs ?? sources.suffixMs ?? sources.virtualMs ?? sources.defaultMs
  if (asked !== 'auto') return { budgetMs: capBudget(asked, sources), auto: null }
  const predicted = sources.predict?.() ?? null
  const auto = Number.isFinite(predicted?.predictedP95Ms) ? predicted : null
  const ms = auto ? Math.round(clamp(auto.factor * auto.predictedP95Ms, leastAutoMs, mostAutoMs)) : sources.defaultMs
  return { budgetMs: capBudget(ms, sources), auto }
}
