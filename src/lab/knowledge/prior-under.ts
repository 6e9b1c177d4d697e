/**
 * @file The prior that the policies of a benchmark run are given.
 *
 * - `exact`: the twin's own tables.
 * - `estimated`, the honest default: from at most 500 graded training questions (see estimated.ts); times as the profile publishes them.
 * - `biased`: the same, with every model's times off by exp(0.5 z) and every arm's quality by 4 points times a z of its own.
 */
import { clamp, type Domain, keyedRandom, type Profile, type ProfilePrior } from '../../core/index.ts'
import { classify } from '../../policy/index.ts'
import type { Question } from '../questions/index.ts'
import { type ArmsOfModel, type Knowledge, priorOf } from './arm-knowledge.ts'
import { estimate, mostGraded, pickGraded } from './estimated.ts'
import { knowExactly } from './exact.ts'

export const knowledgeLevels = ['exact', 'estimated', 'biased'] as const
export type KnowledgeLevel = (typeof knowledgeLevels)[number]

const timeBias = 0.5
const qualityBias = 0.04

export interface KnowledgeInput {
  readonly profile: Profile
  readonly know: KnowledgeLevel
  /** Training questions, one list for each set that the run draws from. */
  readonly sets: readonly (readonly Question[])[]
  /** Training questions of the other sets at hand. */
  readonly kin: readonly (readonly Question[])[]
  readonly seed: number
}

/** Domain as the policies will read it: off the text. */
const domainOf = ({ text }: Question): Domain => classify({ messages: [], text }).domain

export function priorUnder({ profile, know, sets, kin, seed }: KnowledgeInput): ProfilePrior {
  if (know === 'exact') {
    const source = 'the tables of the twin itself'
    return priorOf(profile, knowExactly(profile, sets, domainOf), { tag: 'derived', source, timeFactor: () => 1 })
  }
  const known = estimate(profile, pickGraded(sets, kin, seed), { seed: seed + 1_000_003, domainOf })
  const source = `at most ${mostGraded} graded training questions, each answered by every arm`
  if (know === 'estimated') return priorOf(profile, known, { tag: 'fitted', source, timeFactor: () => 1 })
  return priorOf(profile, biased(known, seed), {
    tag: 'fitted',
    source: `${source}; biased on purpose`,
    timeFactor: (model) => Math.exp(timeBias * keyedRandom(seed, `time-bias|${model}`).normal()),
  })
}

const biased = (knowledge: Knowledge, seed: number): Knowledge =>
  new Map(
    [...knowledge].map(([domain, models]) => [
      domain,
      new Map([...models].map(([model, arms]) => [model, biasedArms(arms, `${domain}|${model}`, seed)] as const)),
    ]),
  )

const biasedArms = (arms: ArmsOfModel, key: string, seed: number): ArmsOfModel =>
  new Map(
    [...arms].map(([strategy, arm]) => {
      const shift = qualityBias * keyedRandom(seed, `quality-bias|${key}|${strategy}`).normal()
      return [strategy, { ...arm, quality: clamp(arm.quality + shift, 0.01, 0.99) }] as const
    }),
  )
