/**
 * @file The numbers of the team model: how answers go together, and what reviews and merges make of them, by domain.
 *
 * The assumed ones stand for what was measured on other pools (calibration, section 4) and are what the training-free
 * planner plans with. The learner `dual` fits them to graded plays of teams; what it alone can tell apart is optional.
 */
import type { Domain } from '../../core/index.ts'

export interface DomainTeamRules {
  /** Latent correlation of answers between two models, and between repeats of one. 0-1. */
  readonly between: number
  readonly within: number
  /** Chance that a review leaves a right answer right. */
  readonly keep: number
  /** Chance that a review mends a wrong answer, as a factor on the reviewer's own chance to be right. */
  readonly fix: number
  /** Of answers that can be compared, and of those that cannot (programs, prose). */
  readonly merge: MergeRules
  readonly mergeOfTexts: MergeRules
  /** What answers at once add to the correlation. Default 0.12. */
  readonly flashAdds?: number
  /** Chance that two wrong answers are the same. Default: by format. */
  readonly wrongMeet?: number
  /** Grows `keep` by so much times the reviewer's own chance. Default 0. */
  readonly keepByAbility?: number
  /** Chance that any review mends a wrong answer, beside `fix`. Default 0. */
  readonly fixBase?: number
  /** What going over one's own work mends, of what another's eyes do. Default 0.6. */
  readonly selfReview?: number
  /** Several who review each other: as a merge by the mean of them. Default: one review of the commonest answer. */
  readonly debate?: MergeRules
  /** What a merging model mends of what a debate before it got wrong, as a factor on its own chance. Default 0. */
  readonly mendsDebate?: number
  /** Whether an answer that its cap cut off abstains from votes and comparisons. Default false: it counts as a wrong one. */
  readonly cutsAbstain?: boolean
  /** Worth of a model that no sibling uses, in quality points. Default: 0.03 where answers can be compared, else 0. */
  readonly diversity?: number
}

/** P(right) after a merge by model = kept P(the commonest is right) + P(only a rarer one is) (picks + picksByAbility a) + P(none is) invents a, a being the merging model's own chance. */
export interface MergeRules {
  readonly kept: number
  readonly picks: number
  readonly picksByAbility: number
  readonly invents: number
}

export type TeamRules = Readonly<Record<Domain, DomainTeamRules>>

/** A comparable plurality is seldom spoilt, and nothing is expected beyond it. */
const keepsPlurality: MergeRules = { kept: 0.98, picks: 0, picksByAbility: 0, invents: 0 }
/**
 * Without a plurality (programs) the commonest is any: half of the way from the mean of the answers to the best of them.
 * Assumed: between what one look without tests mends (.2-.45) and with them (.4-.7), calibration section 4; held against
 * training questions in the twin.
 */
const picksHalf: MergeRules = { kept: 1, picks: 0.5, picksByAbility: 0, invents: 0 }

const merges = { merge: keepsPlurality, mergeOfTexts: picksHalf }

export const assumedTeamRules: TeamRules = {
  math: { between: 0.6, within: 0.75, keep: 0.97, fix: 0.6, ...merges },
  code: { between: 0.6, within: 0.75, keep: 0.95, fix: 0.7, ...merges },
  knowledge: { between: 0.75, within: 0.88, keep: 0.95, fix: 0.4, ...merges },
  general: { between: 0.75, within: 0.88, keep: 0.95, fix: 0.4, ...merges },
}

/** `diversity` by domain; domains that do not say are left out. */
export const diversityOf = (rules: TeamRules): Readonly<Partial<Record<Domain, number>>> =>
  Object.fromEntries(
    Object.entries(rules).flatMap(([domain, { diversity }]) => (diversity === undefined ? [] : [[domain, diversity]])),
  )
