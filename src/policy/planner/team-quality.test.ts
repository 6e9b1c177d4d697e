import { describe, expect, it } from 'vitest'
import type { StepKind, StrategyId } from '../../core/index.ts'
import type { PricedArm } from '../predict/index.ts'
import { type StaffedWave, type TeamKind, teamQuality } from './team-quality.ts'
import { assumedTeamRules, type DomainTeamRules } from './team-rules.ts'

const arm = (quality: number, model = 'm', strategy: StrategyId = 'Concise') =>
  ({ arm: { model, strategy }, quality }) as PricedArm
const wave = (arms: readonly PricedArm[], kind: StepKind = 'solve', isEscalation = false): StaffedWave => ({
  kind,
  isEscalation,
  arms,
})
const math: TeamKind = { domain: 'math', format: 'number', isVote: false }
const knowledge: TeamKind = { domain: 'knowledge', format: 'choice', isVote: false }
const code: TeamKind = { domain: 'code', format: 'code', isVote: false }
const vote = (arms: readonly PricedArm[], kind: TeamKind) =>
  teamQuality([wave(arms)], { ...kind, isVote: true }).quality
const repeats = (quality: number, count: number) => Array.from({ length: count }, () => arm(quality))

describe('team quality', () => {
  it('is the prior’s for one agent alone', () => {
    expect(teamQuality([wave([arm(0.63)])], math).quality).toBe(0.63)
  })

  // Measured: votes of one model's repeats (calibration, section 4).
  it.each([
    ['GPT-3.5, mathematics', math, 0.654, 0.714, 0.759],
    ['GPT-4, mathematics', math, 0.857, 0.887, 0.898],
    ['GPT-3.5, knowledge', knowledge, 0.7, 0.726, 0.737],
    ['GPT-4, knowledge', knowledge, 0.866, 0.867, 0.868],
  ] as const)('agrees with measured votes to 3.5 points: %s', (_, kind, single, three, five) => {
    expect(Math.abs(vote(repeats(single, 3), kind) - three)).toBeLessThan(0.035)
    expect(Math.abs(vote(repeats(single, 5), kind) - five)).toBeLessThan(0.035)
  })

  it('gains more from three models than from three repeats of one, and less at Flash', () => {
    const mixed = vote([arm(0.65, 'a'), arm(0.65, 'b'), arm(0.65, 'c')], math)
    expect(mixed).toBeGreaterThan(vote(repeats(0.65, 3), math))
    const flash = vote([arm(0.65, 'a', 'Flash'), arm(0.65, 'b', 'Flash'), arm(0.65, 'c', 'Flash')], math)
    expect(flash).toBeLessThan(mixed)
  })

  it('escalates where probes disagree: seldom for good probes, and gains by a better third', () => {
    const probe = (quality: number, third: number) =>
      teamQuality([wave([arm(quality, 'a'), arm(quality, 'b')]), wave([arm(third, 'c')], 'solve', true)], math)
    const weak = probe(0.5, 0.8)
    const strong = probe(0.9, 0.8)
    expect(weak.escalationChance).toBeGreaterThan(strong.escalationChance + 0.15)
    expect(weak.quality).toBeGreaterThan(0.6)
    expect(probe(0.5, 0.9).quality).toBeGreaterThan(weak.quality)
  })

  it('mends weak code by review, and not code that is good already', () => {
    const reviewed = (quality: number) =>
      teamQuality([wave([arm(quality)]), wave([arm(quality, 'b')], 'review')], code).quality - quality
    expect(reviewed(0.6)).toBeGreaterThan(0.02)
    expect(reviewed(0.9)).toBeLessThan(0.005)
  })

  it('mends less by going over one’s own work than by another’s eyes', () => {
    const own = teamQuality([wave([arm(0.6)]), wave([arm(0.6)], 'revise')], code).quality
    const other = teamQuality([wave([arm(0.6)]), wave([arm(0.6)], 'review')], code).quality
    expect(own).toBeLessThan(other)
  })

  it('stays a probability for any team', () => {
    const shapes: readonly StaffedWave[][] = [
      [wave(repeats(0.999, 12)), wave([arm(0.999)], 'aggregate')],
      [wave(repeats(0.001, 3)), wave(repeats(0.001, 3), 'review'), wave([arm(0)], 'aggregate')],
      [wave(repeats(1, 2)), wave(repeats(1, 2), 'revise')],
    ]
    for (const kind of [math, knowledge, code])
      for (const shape of shapes)
        for (const isVote of [true, false]) {
          const { quality, escalationChance } = teamQuality(shape, { ...kind, isVote })
          expect(quality >= 0 && quality <= 1).toBe(true)
          expect(escalationChance).toBeCloseTo(1)
        }
  })
})

describe('team quality under fitted rules', () => {
  const under = (change: Partial<DomainTeamRules>, waves: readonly StaffedWave[], kind = math) =>
    teamQuality(waves, { ...kind, rules: { ...assumedTeamRules, math: { ...assumedTeamRules.math, ...change } } })
  const solved = wave([arm(0.6, 'a'), arm(0.6, 'b'), arm(0.6, 'c')])
  const merged = [solved, wave([arm(0.7, 'd')], 'aggregate')]
  const merges = { kept: 0.97, picks: 0.25, picksByAbility: 0.6, invents: 0.1 }

  it('gains by merges that find a rarer right answer, the more the abler the reader', () => {
    const plain = teamQuality(merged, math).quality
    const fitted = under({ merge: merges }, merged).quality
    expect(fitted).toBeGreaterThan(plain + 0.02)
    expect(under({ merge: merges }, [solved, wave([arm(0.9, 'd')], 'aggregate')]).quality).toBeGreaterThan(fitted)
  })

  it('needs what follows less, the more alike the first answers are', () => {
    const later = (qualities: number, change: Partial<DomainTeamRules> = {}) =>
      under(change, [wave(repeats(qualities, 3)), wave([arm(0.7, 'd')], 'aggregate')]).laterChance
    expect(later(0.9)).toBeLessThan(later(0.6))
    expect(later(0.6, { wrongMeet: 0.6 })).toBeLessThan(later(0.6, { wrongMeet: 0.1 }))
    expect(teamQuality([wave(repeats(0.6, 3)), wave([arm(0.7, 'd')], 'aggregate')], code).laterChance).toBe(1)
  })

  it('tells debaters who find a rarer right answer from those who mend the commonest', () => {
    const waves = [solved, wave(repeats(0.6, 3), 'review')]
    const debate = { kept: 1, picks: 0.9, picksByAbility: 0, invents: 0 }
    expect(under({ debate }, waves).quality).toBeGreaterThan(under({ debate: { ...debate, picks: 0 } }, waves).quality)
    const ended = [...waves, wave([arm(0.8, 'd')], 'aggregate')]
    expect(under({ debate, mendsDebate: 0.5 }, ended).quality).toBeGreaterThan(under({ debate }, ended).quality)
  })

  it('lets reviews mend by themselves, and keep by ability', () => {
    const waves = [wave([arm(0.6)]), wave([arm(0.8, 'b')], 'review')]
    const plain = under({}, waves).quality
    expect(under({ fixBase: 0.2 }, waves).quality).toBeGreaterThan(plain + 0.04)
    expect(under({ keepByAbility: -0.3 }, waves).quality).toBeLessThan(plain - 0.05)
    const own = [wave([arm(0.6)]), wave([arm(0.6)], 'revise')]
    expect(under({ selfReview: 1 }, own).quality).toBeGreaterThan(under({}, own).quality)
  })

  it('lets an answer that was cut off abstain, where the rules say so, instead of counting as a wrong one', () => {
    const cut = (quality: number, cutShare: number, model: string) => ({ ...arm(quality, model), length: { cutShare } })
    const often = (cutShare: number) =>
      [cut(0.45, cutShare, 'a'), cut(0.45, cutShare, 'b'), cut(0.45, cutShare, 'c')] as unknown as PricedArm[]
    const voted = (arms: readonly PricedArm[], change: Partial<DomainTeamRules>) =>
      teamQuality([wave(arms)], {
        ...math,
        isVote: true,
        rules: { ...assumedTeamRules, math: { ...assumedTeamRules.math, ...change } },
      }).quality
    const abstaining = { cutsAbstain: true }
    expect(voted(often(0.5), abstaining)).toBeGreaterThan(voted(often(0.5), {}) + 0.1)
    expect(voted(often(0), abstaining)).toBeCloseTo(voted(often(0), {}), 9)
    // Right whenever it can be read: the vote is lost only where all three are cut off.
    const sure = [cut(0.499, 0.5, 'a'), cut(0.499, 0.5, 'b'), cut(0.499, 0.5, 'c')] as unknown as PricedArm[]
    expect(voted(sure, { ...abstaining, between: 0, within: 0 })).toBeCloseTo(1 - 0.5 ** 3, 1)
  })
})
