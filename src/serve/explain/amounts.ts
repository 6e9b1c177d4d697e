/** @file Numbers as sentences show them: rounded, with their unit. */

/** `850 ms` below a second, `8.2 s` from there on. */
export const time = (ms: number): string =>
  Math.abs(ms) < 1_000 ? `${Math.round(ms)} ms` : `${(ms / 1_000).toFixed(1)} s`

/** A quality, a load or another fraction: two decimals. */
export const fraction = (value: number): string => value.toFixed(2)

/** A price or a score: three decimals, since a point of quality is 0.01. */
export const points = (value: number): string => value.toFixed(3)

/** ` (probability 0.62)`; nothing where it was certain. */
export const chance = (probability: number): string =>
  probability >= 1 ? '' : ` (probability ${fraction(probability)})`

/** `1 agent`, `3 agents`. */
export const count = (value: number, noun: string): string => `${value} ${noun}${value === 1 ? '' : 's'}`
