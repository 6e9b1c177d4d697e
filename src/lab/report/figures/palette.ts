/**
 * @file One colour for each method, the same in every figure and every report.
 *
 * Ours is dark blue, the reference line black. Known rivals have theirs; others take what is left, by name. Variants of a
 * base (`moa+default+enforced`) share its hue, paler and dashed.
 */
import type { MethodFacts } from '../results/results.ts'
import { distinct } from '../results/results.ts'

const known: Readonly<Record<string, string>> = {
  inframind: '#0b3c8c',
  greedy: '#3f7fd6',
  mcpp: '#17a2b8',
  'best-fixed': '#000000',
  moa: '#d62728',
  gptswarm: '#e67e22',
  'least-loaded': '#2ca02c',
  'multi-factor': '#8e44ad',
  'round-robin': '#8c6d31',
  random: '#999999',
  routellm: '#e377c2',
  'first-large': '#7f4f24',
  masrouter: '#bcbd22',
}

const spare = ['#1b9e77', '#a6761d', '#666666', '#e7298a', '#66a61e', '#7570b3', '#5c4b8a', '#c0392b']

export interface MethodScale {
  readonly domain: string[]
  readonly colours: string[]
  /** Dash patterns: solid for the first of a base. */
  readonly dashes: number[][]
}

const dashPatterns: readonly number[][] = [
  [1, 0],
  [6, 3],
  [2, 2],
  [8, 2, 2, 2],
]

/** Scales over `methods`, in their order. */
export function methodScale(methods: readonly MethodFacts[]): MethodScale {
  const unknown = distinct(methods.map(({ base }) => base))
    .filter((base) => !(base in known))
    .toSorted()
  const hueOf = (base: string) => known[base] ?? (spare[unknown.indexOf(base) % spare.length] as string)
  const variantOf = (method: MethodFacts) => methods.filter(({ base }) => base === method.base).indexOf(method)
  const dashOf = (method: MethodFacts) => [...(dashPatterns[variantOf(method) % dashPatterns.length] as number[])]
  return {
    domain: methods.map(({ name }) => name),
    colours: methods.map((method) => paler(hueOf(method.base), variantOf(method))),
    dashes: methods.map(dashOf),
  }
}

/** `hex` with white mixed in, a third for each step. */
function paler(hex: string, steps: number): string {
  const keep = (2 / 3) ** steps
  const channels = [1, 3, 5].map((start) => Number.parseInt(hex.slice(start, start + 2), 16))
  return `#${channels
    .map((value) =>
      Math.round(255 - keep * (255 - value))
        .toString(16)
        .padStart(2, '0'),
    )
    .join('')}`
}

/** Colours of models, in order of appearance. */
export const modelColours = ['#4c78a8', '#f58518', '#54a24b', '#e45756', '#72b7b2', '#b279a2', '#9d755d', '#eeca3b']
