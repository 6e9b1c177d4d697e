/**
 * @file Cost of one decision: planner and executor, five models of the paper's pool, varied queries and loads.
 *
 * `npm run perf -- decision [--json]`. A decision is one plan and the choice for its first step, as at a query's arrival;
 * the parts are timed apart as well. States are made beforehand; the predictor has learnt from some hundred calls.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type ClusterState, createRandom, parseProfile, type Query, type StepContext } from '../src/core/index.ts'
import { classify, createFeatures, createPolicySet } from '../src/policy/index.ts'
import { aCallResult, aClusterState, aQuery, aStepContext, aStepOutcome } from '../src/testing/index.ts'

const warmUps = 5_000
const rounds = 20_000
const profileFile = join(import.meta.dirname, '../profiles/paper-b200.json')
const profile = parseProfile(JSON.parse(readFileSync(profileFile, 'utf8')), 'profiles/paper-b200.json')
const models = Object.keys(profile.prior.models)
const random = createRandom(1)

const questions = [
  'What is 17 * 23?',
  'Write a Python function that reverses a linked list.',
  'Which planet is largest?\nA) Mars\nB) Jupiter\nC) Venus\nD) Earth',
  'Tell me about the sea.',
]

function aState(atMs: number): ClusterState {
  return aClusterState({
    atMs,
    models: models.map((model) => {
      const busy = random.below(17)
      const gatewayWaiting = busy === 16 ? random.below(6) : 0
      const replicas = [{ slots: 16, running: busy, kvTokens: 60_000, contextTokens: 16_384, ownKvTokens: busy * 800 }]
      return { model, replicas, gatewayWaiting, gatewayWaitingMs: gatewayWaiting * 6_000 }
    }),
  })
}

function aVariedQuery(arrivedAtMs: number): Query {
  const text = random.pick(questions)
  const budgetMs = random.pick([2_000, 10_000, 30_000, 60_000, 300_000])
  const read = classify({ messages: [], text })
  return aQuery({ ...read, text, arrivedAtMs, budgetMs, features: createFeatures(text), promptTokens: 150 })
}

const policy = createPolicySet({ prior: profile.prior, models })
for (let index = 0; index < 400; index += 1) {
  const arm = { model: random.pick(models), strategy: 'Concise' as const }
  const tokens = 60 + random.below(400)
  policy.predictor.observe(
    aStepOutcome({ arm, result: aCallResult({ usage: { promptTokens: 200, outputTokens: tokens } }) }),
  )
}

const cases = Array.from({ length: 512 }, (_, index) => ({
  state: aState(index * 300),
  query: aVariedQuery(index * 300),
}))
const planUs = new Float64Array(rounds)
const chooseUs = new Float64Array(rounds)
const bothUs = new Float64Array(rounds)
let taken = 0
for (let round = -warmUps; round < rounds; round += 1) {
  const { state, query } = cases[(round + warmUps) % cases.length] as (typeof cases)[number]
  const startMs = performance.now()
  const plan = policy.planner.plan(query, state)
  const plannedMs = performance.now()
  const step: StepContext = aStepContext({ query, plan })
  const contextMs = performance.now()
  const choice = policy.executor.choose(step, state)
  const endMs = performance.now()
  // Used, so that nothing can be optimised away.
  taken += choice.kind === 'arm' ? plan.steps.length : 1
  if (round < 0) continue
  planUs[round] = (plannedMs - startMs) * 1_000
  chooseUs[round] = (endMs - contextMs) * 1_000
  bothUs[round] = (planUs[round] as number) + (chooseUs[round] as number)
}

const quantiles = (values: Float64Array) => {
  const sorted = Float64Array.from(values).sort()
  const at = (p: number) => Number((sorted[Math.floor(p * (sorted.length - 1))] as number).toFixed(2))
  return { p50Us: at(0.5), p99Us: at(0.99) }
}
const figures = {
  models: models.length,
  decisions: rounds,
  planner: quantiles(planUs),
  executor: quantiles(chooseUs),
  both: quantiles(bothUs),
  meanSteps: Number((taken / (rounds + warmUps)).toFixed(2)),
}

if (process.argv.includes('--json')) console.log(JSON.stringify(figures))
else {
  for (const part of ['planner', 'executor', 'both'] as const)
    console.log(`${part.padEnd(9)} p50 ${figures[part].p50Us} us   p99 ${figures[part].p99Us} us`)
  console.log(`${figures.decisions} decisions, ${figures.models} models, ${figures.meanSteps} steps per plan`)
}
