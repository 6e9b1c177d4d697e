/**
 * @file The prior that the policies of a benchmark run are given.
 *
 * - `exact`: the twin's own tables.
 * - `estimated`, the honest default: from at most 500 graded training questions (see estimated.ts); times as the profile publishes them.
 * - `biased`: the same, with every model's times off by exp(0.5 z) and every arm's quality by 4 points times a z of its own.
 * - `profile`: the profile's own prior as it stands: what `calibrate` found, say.
 * Under each but the last, a reading of the questions can be asked for: its levels are these, its slopes always the graded questions'.
 */
import { clamp, type Domain, keyedRandom, type Profile, type ProfilePrior } from '../../core/index.ts'
import { classify } from '../../policy/index.ts'
import type { Question } from '../questions/index.ts'
import { type ArmsOfModel, type Knowledge, type Origin, priorOf } from './arm-knowledge.ts'
import { createGrader, estimate, type Graded, mostGraded, pickGraded } from './estimated.ts'
import { knowExactly } from './exact.ts'
import { fitReading } from './reading/index.ts'

export const knowledgeLevels = ['exact', 'estimated', 'biased', 'profile'] as const
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
  /** Whether the prior also says how quality and length go with the text of a question; costs a second or two. Default false. */
  readonly readsQuestions?: boolean
}

/** Domain as the policies will read it: off the text. */
const domainOf = ({ text }: Question): Domain => classify({ messages: [], text }).domain

export function priorUnder(input: KnowledgeInput): ProfilePrior {
  if (input.know === 'profile') return input.profile.prior
  const graded = pickGraded(input.sets, input.kin, input.seed)
  const { knowledge, origin } = knownUnder(input, graded)
  const prior = priorOf(input.profile, knowledge, origin)
  return input.readsQuestions ? { ...prior, reading: readingUnder(input, { graded, knowledge, origin }) } : prior
}

interface Known {
  readonly knowledge: Knowledge
  readonly origin: Origin
}

/** Luck of the calibration's answers: a stream that no measured run draws from. */
const answerSeed = (seed: number): number => seed + 1_000_003

function knownUnder({ profile, know, sets, seed }: KnowledgeInput, graded: Graded): Known {
  if (know === 'exact') {
    const source = 'the tables of the twin itself'
    return {
      knowledge: knowExactly(profile, sets, domainOf),
      origin: { tag: 'derived', source, timeFactor: () => 1 },
    }
  }
  const estimated = estimate(profile, graded, { seed: answerSeed(seed), domainOf })
  const source = `at most ${mostGraded} graded training questions, each answered by every arm`
  if (know === 'estimated') return { knowledge: estimated, origin: { tag: 'fitted', source, timeFactor: () => 1 } }
  return {
    knowledge: biased(estimated, seed),
    origin: {
      tag: 'fitted',
      source: `${source}; biased on purpose`,
      timeFactor: (model) => Math.exp(timeBias * keyedRandom(seed, `time-bias|${model}`).normal()),
    },
  }
}

const readingUnder = (
  { profile, seed }: KnowledgeInput,
  { graded, knowledge, origin }: Known & { readonly graded: Graded },
): NonNullable<ProfilePrior['reading']> =>
  fitReading({
    questions: graded.own,
    domainOf,
    models: Object.keys(profile.prior.models),
    grade: createGrader(profile, graded.own, answerSeed(seed)),
    knowledge,
    origin,
  })

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
