/** @file The team rules of one domain as a list of parameters to fit, and back. */
import { type AnswerFormat, clamp } from '../../../../core/index.ts'
import { assumedTeamRules, type DomainTeamRules, type MergeRules, type TeamRules } from '../../../../policy/index.ts'
import { isComparable } from '../../../../team/index.ts'
import type { Parameter } from './minimise.ts'

type NamedParameter = Parameter & { readonly name: string }

const chance = (name: string, start: number, spread: number): NamedParameter => ({
  name,
  start,
  spread,
  low: 0,
  high: 1,
})

const mergeFields = ['kept', 'picks', 'picksByAbility', 'invents'] as const
/** Where the assumed rules expect nothing, plays may well find something. */
const mergeSpreads: Readonly<Record<keyof MergeRules, number>> = {
  kept: 0.05,
  picks: 0.3,
  picksByAbility: 0.3,
  invents: 0.15,
}

const mergeParameters = (prefix: string, start: MergeRules): readonly NamedParameter[] =>
  mergeFields.map((field) => chance(`${prefix}.${field}`, start[field], mergeSpreads[field]))

/** What is fitted of a domain's rules for answers of `format`, starting from and drawn towards what is assumed. */
export function ruleParameters(domain: keyof TeamRules, format: AnswerFormat): readonly NamedParameter[] {
  const { between, within, keep, fix, merge, mergeOfTexts } = assumedTeamRules[domain]
  const isCompared = isComparable(format)
  return [
    { ...chance('between', between, 0.15), high: 0.94 },
    { ...chance('within', within, 0.15), high: 0.94 },
    { ...chance('flashAdds', 0.12, 0.1), high: 0.5 },
    { ...chance('wrongMeet', isCompared ? 0.3 : 0.2, 0.15), high: 0.95 },
    chance('keep', keep, 0.05),
    { name: 'keepByAbility', start: 0, spread: 0.1, low: -0.3, high: 0.3 },
    chance('fix', fix, 0.3),
    chance('fixBase', 0, 0.2),
    { ...chance('selfReview', 0.6, 0.3), high: 1.2 },
    ...mergeParameters('debate', { kept: keep, picks: 0, picksByAbility: fix, invents: fix }),
    chance('mendsDebate', 0, 0.2),
    ...mergeParameters('merge', isCompared ? merge : mergeOfTexts),
  ]
}

/** The rules that `values` stand for, in the order of `ruleParameters`; what is not among them stays as assumed. */
export function toRules(domain: keyof TeamRules, format: AnswerFormat, values: readonly number[]): DomainTeamRules {
  const byName = new Map(ruleParameters(domain, format).map(({ name }, index) => [name, values[index]!]))
  const plain = (name: string) => byName.get(name)!
  const mergeOf = (prefix: string): MergeRules => {
    const picks = plain(`${prefix}.picks`)
    return {
      kept: plain(`${prefix}.kept`),
      picks,
      // Together they are a chance, for the ablest reader too.
      picksByAbility: clamp(plain(`${prefix}.picksByAbility`), 0, 1 - picks),
      invents: plain(`${prefix}.invents`),
    }
  }
  const { merge, mergeOfTexts } = assumedTeamRules[domain]
  const fitted = mergeOf('merge')
  return {
    between: plain('between'),
    within: Math.max(plain('between'), plain('within')),
    flashAdds: plain('flashAdds'),
    wrongMeet: plain('wrongMeet'),
    keep: plain('keep'),
    keepByAbility: plain('keepByAbility'),
    fix: plain('fix'),
    fixBase: plain('fixBase'),
    selfReview: plain('selfReview'),
    debate: mergeOf('debate'),
    mendsDebate: plain('mendsDebate'),
    cutsAbstain: true,
    merge: isComparable(format) ? fitted : merge,
    mergeOfTexts: isComparable(format) ? mergeOfTexts : fitted,
  }
}
