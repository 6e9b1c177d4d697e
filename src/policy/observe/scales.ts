/**
 * @file How quantities are scaled for a network: to about -1 to 1 over their usual range.
 *
 * Times as in the paper: ln(1 + seconds) / ln(300), budgets ln(max(seconds, 1)) / ln(300). Queues are divided by the
 * engine's own slots, not by a fixed sixteen, so that pools with other slots look alike.
 */

const logRange = Math.log(300)

/** A time in ms; 0 for 0, 1 for 300 s. */
export const scaledMs = (ms: number): number => Math.log1p(Math.max(0, ms) / 1000) / logRange

/** A budget in ms; 0 up to one second, 1 for 300 s. */
export const scaledBudgetMs = (ms: number): number => Math.log(Math.max(ms / 1000, 1)) / logRange

/** ln of a ratio of times, halved: 0 where they are equal. Both > 0. */
export const scaledRatio = (value: number, reference: number): number =>
  Math.log(Math.max(value, 1) / Math.max(reference, 1)) / 2

/** Log-odds of a probability, quartered. */
export const scaledOdds = (probability: number): number => {
  const inside = Math.min(Math.max(probability, 0.005), 0.995)
  return Math.log(inside / (1 - inside)) / 4
}

/** A count of tokens: 1 for 20,000. */
export const scaledTokens = (tokens: number): number => Math.log1p(Math.max(0, tokens)) / 10
