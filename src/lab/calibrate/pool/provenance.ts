/** @file How a number of the profile says where it came from: fitted here, or carried over from the base. */
import type { Interval } from './step-moments.ts'

export interface Provenance {
  readonly tag: 'fitted' | 'assumed'
  readonly source: string
  readonly interval?: [number, number]
}

/** Fitted to the measured calls. */
export const fitted = (source: string, interval: Interval | null = null): Provenance => ({
  tag: 'fitted',
  source,
  ...(interval === null ? {} : { interval: [interval[0], interval[1]] }),
})

/** As it stood in the base (`from`), which was not this pool. */
export const carried = <T extends { readonly source: string }>(quantity: T, from: string): T => ({
  ...quantity,
  tag: 'assumed',
  source: `not seen in the measured calls; ${from}: ${quantity.source}`,
})
