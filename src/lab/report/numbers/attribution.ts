/**
 * @file Which part of ours earns what: ours with one part taken out, and rivals with our scheduler and deadline granted.
 *
 * The worth of a part is the paired difference of correct goodput between the whole and the ablation. Parts overlap, so
 * worths do not add up to the whole. For a rival, what remains of the gap once it runs under our scheduler with the
 * deadline enforced is owed to planning and routing; the rest went to scheduler and deadline.
 */

import { groupBy } from '../results/group-by.ts'
import { isGranted, ourBases } from '../results/method-facts.ts'
import type { MethodFacts } from '../results/results.ts'
import { commandWith } from './bench-command.ts'
import { type Comparison, type ComparisonOptions, compare } from './comparison.ts'

interface Ablation {
  readonly part: string
  /** What stands in its place. */
  readonly instead: string
  /** Base of its own, or null for the reference itself under another scheduler or without its deadline. */
  readonly base: string | null
  readonly scheduler: MethodFacts['scheduler']
  readonly isEnforced: boolean
}

const ablation = (part: string, instead: string, base: string): Ablation => ({
  part,
  instead,
  base,
  scheduler: 'default',
  isEnforced: true,
})

const ablations: readonly Ablation[] = [
  ablation('routing', 'planner and executor blind to load', 'greedy-blind'),
  ablation('routing', 'planner blind to load', 'greedy-planner-blind'),
  ablation('routing', 'executor blind to load', 'greedy-executor-blind'),
  ablation('routing', 'no price on load that others will meet', 'greedy-noprice'),
  ablation('depth', 'Flash only', 'greedy-flash'),
  ablation('depth', 'Concise only', 'greedy-concise'),
  ablation('depth', 'DeepThink only', 'greedy-deepthink'),
  ablation('team', 'one agent only', 'greedy-solo'),
  ablation('probes', 'no probe before a costly plan', 'greedy-noprobe'),
  { part: 'scheduler', instead: 'first come, first served', base: null, scheduler: 'fcfs', isEnforced: true },
  { part: 'scheduler', instead: 'plain earliest deadline first', base: null, scheduler: 'edf', isEnforced: true },
  ablation('scheduler', 'calls wait in the engines, not with us', 'greedy-nohold'),
  { part: 'deadline', instead: 'answers come when they come', base: null, scheduler: 'default', isEnforced: false },
  ablation('insurance', 'no second call planned beside a slow one', 'greedy-nobackup'),
  ablation('insurance', 'neither planned nor insurance call', 'greedy-noinsurance'),
]

export interface PartWorth {
  readonly part: string
  readonly instead: string
  readonly method: string
  /** null: the ablation was not run. */
  readonly comparison: Comparison | null
}

export interface Attribution {
  /** The method that the ablations are ablations of. */
  readonly reference: string
  readonly parts: readonly PartWorth[]
  /** Makes the ablations that are missing; null where none is. */
  readonly command: string | null
}

/** `ours`: the method of the report; the training-free stack is the reference where it was run. */
export function attribute(ours: MethodFacts, options: ComparisonOptions): Attribution {
  const { methods } = options.results
  const reference = methods.find((method) => method.base === 'greedy' && isGranted(method)) ?? ours
  const parts = ablations.map((wanted): PartWorth => {
    const { part, instead } = wanted
    // `inframind` and `greedy` are the same stack until a learned policy is the default.
    const bases = wanted.base === null ? [reference.base, ...ourBases] : [wanted.base]
    const found = bases.flatMap((base) => methods.find((method) => isVariant(method, { ...wanted, base })) ?? [])[0]
    return {
      part,
      instead,
      method: found?.name ?? wanted.base ?? nameOf(reference, wanted),
      comparison: found === undefined ? null : compare(reference, found, options),
    }
  })
  const missing = parts.filter(({ comparison }) => comparison === null).map(({ method }) => method)
  return {
    reference: reference.name,
    parts,
    command: missing.length === 0 ? null : commandWith(options.results, missing),
  }
}

const isVariant = (method: MethodFacts, wanted: Pick<MethodFacts, 'base' | 'scheduler' | 'isEnforced'>): boolean =>
  method.base === wanted.base && method.scheduler === wanted.scheduler && method.isEnforced === wanted.isEnforced

const nameOf = ({ base }: MethodFacts, { scheduler, isEnforced }: Ablation): string =>
  `${base}+${scheduler}+${isEnforced ? 'enforced' : 'free'}`

export interface GrantedGap {
  readonly base: string
  readonly asPublished: Comparison
  /** Other schedulers or enforcement, in order of appearance. */
  readonly variants: readonly Comparison[]
  /** With our scheduler and the deadline enforced; null: not run. */
  readonly granted: Comparison | null
  /** Share of the mean gap that goes away when both are granted; null: not run, or no gap to speak of. */
  readonly shareGone: number | null
}

/** Below this mean gap, in fractions of the arrivals, a share of it says nothing. */
const leastGap = 0.005

export interface GrantedGaps {
  readonly gaps: readonly GrantedGap[]
  readonly command: string | null
}

/** For rivals that were published without a scheduler or deadline of their own. */
export function grantedGaps(
  rivals: readonly MethodFacts[],
  { ours, ...options }: ComparisonOptions & { readonly ours: MethodFacts },
): GrantedGaps {
  const gaps = [...groupBy(rivals, ({ base }) => base)].flatMap(([base, named]): readonly GrantedGap[] => {
    const variants = options.results.methods.filter((method) => method.base === base)
    const published = named.find((method) => method.name === base && !isGranted(method))
    if (published === undefined) return []
    const granted = variants.find(isGranted)
    const asPublished = compare(ours, published, options)
    const grantedComparison = granted === undefined ? null : compare(ours, granted, options)
    return [
      {
        base,
        asPublished,
        variants: variants
          .filter((method) => method !== published && method !== granted)
          .map((method) => compare(ours, method, options)),
        granted: grantedComparison,
        shareGone: shareGone(asPublished, grantedComparison),
      },
    ]
  })
  const missing = gaps.filter(({ granted }) => granted === null).map(({ base }) => `${base}+default+enforced`)
  return { gaps, command: missing.length === 0 ? null : commandWith(options.results, missing) }
}

function shareGone(asPublished: Comparison, granted: Comparison | null): number | null {
  if (asPublished.all === null || !granted?.all || asPublished.all.estimate < leastGap) return null
  return 1 - granted.all.estimate / asPublished.all.estimate
}
