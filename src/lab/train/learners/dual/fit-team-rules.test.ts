import { describe, expect, it } from 'vitest'
import { paperProfile } from '../../../../../test/paper-profile.ts'
import { armKey, createRandom } from '../../../../core/index.ts'
import {
  assumedTeamRules,
  type DomainTeamRules,
  listCandidates,
  type TeamRules,
  teamQuality,
} from '../../../../policy/index.ts'
import { createTopologyBook } from '../../../../team/index.ts'
import type { AskedPool } from './asked-question.ts'
import { calibrationOf, fitTeamRules } from './fit-team-rules.ts'
import { armsOf, kindOf, type TeamObservation, wavesOf } from './observe-teams.ts'
import { ruleParameters, toRules } from './rule-parameters.ts'

const arms = armsOf(paperProfile())
const pool = (domain: 'math' | 'code', format: AskedPool['format']): AskedPool => ({ domain, format, asked: [] })
const math = pool('math', 'number')
const code = pool('code', 'code')

const merges = { kept: 0.96, picks: 0.25, picksByAbility: 0.55, invents: 0.1 }
const planted: TeamRules = {
  ...assumedTeamRules,
  math: {
    ...assumedTeamRules.math,
    between: 0.45,
    within: 0.7,
    flashAdds: 0.05,
    wrongMeet: 0.35,
    keep: 0.92,
    keepByAbility: 0.04,
    fix: 0.25,
    fixBase: 0.2,
    selfReview: 1,
    debate: { kept: 0.93, picks: 0.3, picksByAbility: 0.4, invents: 0.4 },
    mendsDebate: 0.3,
    merge: merges,
  },
}

/** What teams of random arms would make of their answers under `rules`, but for the luck of `questions` draws. */
function observe(
  rules: TeamRules,
  own: AskedPool,
  { teams, questions, seed }: Record<'teams' | 'questions' | 'seed', number>,
) {
  const random = createRandom(seed)
  const key = { domain: own.domain, answerFormat: own.format }
  const candidates = listCandidates(createTopologyBook(), key, { breadth: 'wide' }).filter(
    ({ steps }) => steps.length > 1,
  )
  return Array.from({ length: teams }, (_, index): TeamObservation => {
    const candidate = candidates[index % candidates.length]!
    const worths = new Map(arms.map((arm) => [armKey(arm), { quality: 0.25 + 0.65 * random.uniform(), cutShare: 0 }]))
    const one = random.uniform() < 0.3 ? random.pick(arms) : null
    const waves = wavesOf({ candidate, arms: candidate.steps.map(() => one ?? random.pick(arms)) }, worths)
    const isVote = candidate.merge === 'vote'
    const { quality } = teamQuality(waves, { ...own, isVote, rules })
    let right = 0
    for (let question = 0; question < questions; question += 1) if (random.uniform() < quality) right += 1
    return {
      kind: kindOf(candidate),
      domain: own.domain,
      pool: own,
      isVote,
      waves,
      observed: right / questions,
      questions,
    }
  })
}

const errorOf = (observations: readonly TeamObservation[], rules: TeamRules) =>
  Math.max(...calibrationOf(observations, rules).map(({ observed, predicted }) => Math.abs(observed - predicted)))

describe('fitted team rules', () => {
  const many = observe(planted, math, { teams: 520, questions: 3000, seed: 1 })
  const fitted = fitTeamRules(many)

  it('are those that made the plays', () => {
    const { between, within, wrongMeet, merge } = fitted.math
    expect(Math.abs(between - 0.45)).toBeLessThan(0.06)
    expect(Math.abs(within - 0.7)).toBeLessThan(0.08)
    expect(Math.abs((wrongMeet ?? 0) - 0.35)).toBeLessThan(0.06)
    expect(Math.abs(merge.kept - merges.kept)).toBeLessThan(0.03)
    // Of an able reader: the parts stand in for each other, their sum does not.
    const picked = ({ picks, picksByAbility }: typeof merge) => picks + 0.7 * picksByAbility
    expect(Math.abs(picked(merge) - picked(merges))).toBeLessThan(0.08)
  })

  it('predict teams that were not fitted, of every kind, where the assumed ones do not', () => {
    const fresh = observe(planted, math, { teams: 520, questions: 3000, seed: 2 })
    expect(errorOf(fresh, fitted)).toBeLessThan(0.01)
    expect(errorOf(fresh, assumedTeamRules)).toBeGreaterThan(0.04)
  })

  it('leave other domains as assumed', () => {
    const { math: _, ...others } = fitted
    const { math: __, ...assumed } = assumedTeamRules
    expect(others).toEqual(assumed)
  })

  it('stay near what is assumed where few plays speak', () => {
    const few = fitTeamRules(observe(planted, math, { teams: 3, questions: 20, seed: 3 })).math
    const distance = (rules: DomainTeamRules) => Math.abs(rules.between - assumedTeamRules.math.between)
    expect(distance(few)).toBeLessThan(0.1)
    expect(Math.abs(few.keep - assumedTeamRules.math.keep)).toBeLessThan(0.03)
  })

  it('fit merges of texts where answers cannot be compared, and leave the others', () => {
    const plantedCode = { ...planted, code: { ...assumedTeamRules.code, mergeOfTexts: merges, wrongMeet: 0.3 } }
    const { code: rules } = fitTeamRules(observe(plantedCode, code, { teams: 300, questions: 2000, seed: 4 }))
    expect(rules.merge).toEqual(assumedTeamRules.code.merge)
    expect(Math.abs(rules.mergeOfTexts.kept - merges.kept)).toBeLessThan(0.04)
  })

  it('are the same again', () => {
    expect(fitTeamRules(many)).toEqual(fitted)
  })
})

describe('rule parameters', () => {
  it('start at rules that say what the assumed ones say', () => {
    const observations = observe(assumedTeamRules, math, { teams: 40, questions: 1, seed: 5 })
    const start = toRules(
      'math',
      'number',
      ruleParameters('math', 'number').map(({ start }) => start),
    )
    for (const { waves, isVote } of observations) {
      const kind = { domain: 'math', format: 'number', isVote } as const
      const [assumed, own] = [assumedTeamRules, { ...assumedTeamRules, math: start }].map((rules) =>
        teamQuality(waves, { ...kind, rules }),
      )
      // But for the chance that wrong answers meet, which starts between the formats'.
      expect(Math.abs(assumed!.quality - own!.quality)).toBeLessThan(0.02)
    }
  })
})
