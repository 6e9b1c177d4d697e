import { beforeAll, describe, expect, it } from 'vitest'
import { paperProfile } from '../../../../../test/paper-profile.ts'
import type { Arm, ClusterState, Plan, StepContext } from '../../../../core/index.ts'
import { type Candidate, listCandidates, type PolicySet, reasonToStop } from '../../../../policy/index.ts'
import { createTopologyBook } from '../../../../team/index.ts'
import { createAnswerModel } from '../../../../twin/index.ts'
import { createSyntheticQuestions, type SyntheticDataset } from '../../../questions/index.ts'
import { createTwinWorld } from '../../../twin-world.ts'
import { runWorkload } from '../../../workload.ts'
import { type AskedPool, poolsOf } from './asked-question.ts'
import { armsOf, kindOf } from './observe-teams.ts'
import { type PlayGround, playTeam, type Team } from './play-team.ts'

const profile = paperProfile()
const arms = armsOf(profile)
const seed = 11

const poolOf = (dataset: SyntheticDataset): AskedPool =>
  poolsOf(createSyntheticQuestions({ dataset, count: 150, seed: 4 }))[0] as AskedPool
const questionsOf = (pool: AskedPool) => pool.asked.map(({ question }) => question)
const groundOf = (pool: AskedPool): PlayGround => ({
  answers: createAnswerModel({ truth: profile.truth!, questions: questionsOf(pool), seed, text: 'compact' }),
  prior: profile.prior,
})

/** Teams of two to five steps of the wide list, their steps held by arms of different models and depths in turn. */
const teamsFor = ({ domain, format }: AskedPool): readonly Team[] =>
  listCandidates(createTopologyBook(), { domain, answerFormat: format }, { breadth: 'wide' })
    .filter(({ steps }) => steps.length > 1 && steps.length <= 5)
    .map((candidate, place) => ({
      candidate,
      arms: candidate.steps.map((_, index) => arms[(4 + place + index * 7) % arms.length] as Arm),
    }))

const planOf = ({ topology, agents, steps, merge, stopsOnAgreement }: Candidate): Plan => ({
  topology,
  agents,
  steps,
  merge,
  stopsOnAgreement,
  predictedMs: 1000,
  quality: 0.5,
  reason: 'fixed',
  alternatives: [],
})

/** Policies that let `team` answer everything. */
const fixedTo =
  ({ candidate, arms: own }: Team) =>
  (set: PolicySet): PolicySet => ({
    ...set,
    planner: { name: 'fixed', plan: () => planOf(candidate) },
    executor: {
      name: 'fixed',
      choose: (step: StepContext, state: ClusterState) => {
        const reason = reasonToStop(step)
        if (reason) return { kind: 'stop', reason }
        const arm = own[candidate.steps.findIndex(({ id }) => id === step.step.id)] as Arm
        const { query, promptTokens } = step
        const estimate = set.predictor.predict(arm, { query, kind: step.step.kind, promptTokens }, state)
        return { kind: 'arm', arm, estimate, reason: 'fixed', shareMs: null, alternatives: [] }
      },
    },
  })

/** Share of right answers of the real loop on an idle pool, and of the emulation with the same luck. */
async function compare(team: Team, pool: AskedPool) {
  const world = createTwinWorld({
    profile,
    questions: questionsOf(pool),
    seed,
    trace: { write: () => {} },
    world: { wrapPolicies: fixedTo(team) },
  })
  const { runs } = await runWorkload(world, {
    questions: questionsOf(pool),
    queries: 80,
    // Engines are idle, or nearly; fewer queries a minute would only be more polls.
    arrivalRatePerMinute: 4,
    budgetsMs: [600_000],
    seed,
  })
  const ground = groundOf(pool)
  let [real, played, same] = [0, 0, 0]
  for (const { question, record, text } of runs) {
    const asked = pool.asked.find((known) => known.question.id === question.id)!
    const isRight = ground.answers.isRight(question, text)
    const emulated = playTeam(team, asked, { ground, luck: record.runId })
    real += isRight ? 1 : 0
    played += emulated.isRight ? 1 : 0
    same += isRight === emulated.isRight ? 1 : 0
  }
  return { real: real / runs.length, played: played / runs.length, same: same / runs.length }
}

describe.each(['synthetic-math', 'synthetic-code', 'synthetic-choice'] as const)('a team played on %s', (dataset) => {
  const pool = poolOf(dataset)
  let results: { readonly kind: string; readonly real: number; readonly played: number; readonly same: number }[] = []

  beforeAll(async () => {
    results = []
    for (const team of teamsFor(pool)) results.push({ kind: kindOf(team.candidate), ...(await compare(team, pool)) })
  })

  it('gives the answers of the real loop on an idle pool, question by question', () => {
    expect(results.length).toBeGreaterThan(4)
    // What differs are second tries of last steps whose answer was cut.
    for (const { kind, same } of results) expect(same, kind).toBeGreaterThan(0.9)
  })

  it('is right as often, within two points over all kinds', () => {
    const mean = (key: 'real' | 'played') => results.reduce((sum, result) => sum + result[key], 0) / results.length
    expect(Math.abs(mean('real') - mean('played'))).toBeLessThan(0.02)
    expect(mean('real')).toBeGreaterThan(0.3)
  })
})

describe('a played team', () => {
  const pool = poolOf('synthetic-math')
  const ground = groundOf(pool)
  const [asked] = pool.asked
  const teams = teamsFor(pool)

  it('draws the same answers under the same luck, and others under another', () => {
    const outcomes = (luck: string) =>
      teams.map((team) => pool.asked.map((one) => playTeam(team, one, { ground, luck }).isRight))
    expect(outcomes('a')).toEqual(outcomes('a'))
    expect(outcomes('a')).not.toEqual(outcomes('b'))
  })

  it('spares the merge where the answers agree', () => {
    const merged = teams.find(({ candidate }) => kindOf(candidate) === 'io 2 model') as Team
    const calls = pool.asked.map((one) => playTeam(merged, one, { ground, luck: 'a' }).calls)
    expect(new Set(calls)).toEqual(new Set([2, 3]))
    expect(playTeam(merged, asked!, { ground, luck: 'a' }).calls).toBe(calls[0])
  })
})
