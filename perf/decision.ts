/**
 * @file Cost of one decision: planner and executor, training-free and learned, five models and twenty, varied queries and loads.
 *
 * `npm run perf -- decision [--json]`. A decision is one plan and the choice for its first step, as at a query's arrival;
 * the parts are timed apart as well. States are made beforehand; the predictor has learnt from some hundred calls. Learned
 * policies are as wide as the shipped one, with weights that nobody trained: what they hold costs nothing. The network alone is
 * timed over 15 and 80 candidates.
 */
import { type ClusterState, createRandom, type Query, type StepContext } from '../src/core/index.ts'
import { loadProfile } from '../src/lab/index.ts'
import {
  armScorerConfig,
  type CandidateScorerConfig,
  candidateScorerShapes,
  classify,
  createCandidateScorer,
  createFeatures,
  createPolicySet,
  initialise,
  type PolicySet,
  type PolicySetOptions,
  planScorerConfig,
} from '../src/policy/index.ts'
import { aCallResult, aClusterState, aQuery, aStepContext, aStepOutcome } from '../src/testing/index.ts'

const warmUps = 3_000
const random = createRandom(1)
const hidden = 32

const questions = [
  'What is 17 * 23?',
  'Write a Python function that reverses a linked list.',
  'Which planet is largest?\nA) Mars\nB) Jupiter\nC) Venus\nD) Earth',
  'Tell me about the sea.',
]

function aState(models: readonly string[], atMs: number): ClusterState {
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

const fresh = (config: CandidateScorerConfig) => initialise(candidateScorerShapes(config), createRandom(2))
const learned = {
  planner: { kind: 'learned', hidden, temperature: 0.02, parameters: fresh(planScorerConfig(hidden)) },
  executor: { kind: 'learned', hidden, temperature: 0.02, parameters: fresh(armScorerConfig(hidden)) },
} as const

interface Measured {
  readonly name: string
  readonly profile: string
  readonly policy: Pick<PolicySetOptions, 'planner' | 'executor'>
  readonly rounds: number
}
const measured: readonly Measured[] = [
  { name: 'training-free, 5 models', profile: 'paper-b200', policy: {}, rounds: 20_000 },
  { name: 'learned, 5 models', profile: 'paper-b200', policy: learned, rounds: 20_000 },
  { name: 'training-free, 20 models', profile: 'pool-20', policy: {}, rounds: 5_000 },
  { name: 'learned, 20 models', profile: 'pool-20', policy: learned, rounds: 5_000 },
]

function observeCalls(policy: PolicySet, models: readonly string[]): void {
  for (let index = 0; index < 400; index += 1) {
    const arm = { model: random.pick(models), strategy: 'Concise' as const }
    const tokens = 60 + random.below(400)
    const result = aCallResult({ usage: { promptTokens: 200, outputTokens: tokens } })
    policy.predictor.observe(aStepOutcome({ arm, result }))
  }
}

const quantiles = (values: Float64Array) => {
  const sorted = Float64Array.from(values).sort()
  const at = (p: number) => Number((sorted[Math.floor(p * (sorted.length - 1))] as number).toFixed(2))
  return { p50Us: at(0.5), p99Us: at(0.99) }
}

function measure({ name, profile, policy: specs, rounds }: Measured) {
  const { prior } = loadProfile(profile)
  const models = Object.keys(prior.models)
  const policy = createPolicySet({ prior, models, ...specs })
  observeCalls(policy, models)
  const cases = Array.from({ length: 512 }, (_, index) => ({
    state: aState(models, index * 300),
    query: aVariedQuery(index * 300),
  }))
  const [planUs, chooseUs, bothUs] = [0, 1, 2].map(() => new Float64Array(rounds)) as [
    Float64Array,
    Float64Array,
    Float64Array,
  ]
  let steps = 0
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
    steps += choice.kind === 'arm' ? plan.steps.length : 1
    if (round < 0) continue
    planUs[round] = (plannedMs - startMs) * 1_000
    chooseUs[round] = (endMs - contextMs) * 1_000
    bothUs[round] = (planUs[round] as number) + (chooseUs[round] as number)
  }
  const parts = { planner: quantiles(planUs), executor: quantiles(chooseUs), both: quantiles(bothUs) }
  const meanSteps = Number((steps / (rounds + warmUps)).toFixed(2))
  return { name, models: models.length, decisions: rounds, ...parts, meanSteps }
}

/** The network alone, over so many candidates of an executor: what each of them costs. */
function scoreCost(count: number) {
  const config = armScorerConfig(hidden)
  const network = createCandidateScorer(config, fresh(config))
  const numbers = (length: number) => Float32Array.from({ length }, () => random.uniform())
  const input = {
    context: numbers(config.contextSize),
    candidates: numbers(count * config.candidateSize),
    count,
    base: numbers(count),
  }
  const rounds = 4_000
  const us = new Float64Array(rounds)
  for (let round = -1_000; round < rounds; round += 1) {
    const startMs = performance.now()
    network.score(input)
    if (round >= 0) us[round] = (performance.now() - startMs) * 1_000
  }
  return { candidates: count, ...quantiles(us) }
}

const figures = { node: process.version, hidden, policies: measured.map(measure), network: [15, 80].map(scoreCost) }
if (process.argv.includes('--json')) console.log(JSON.stringify(figures))
else {
  for (const { name, decisions, meanSteps, ...parts } of figures.policies) {
    console.log(`${name}: ${decisions} decisions, ${meanSteps} steps per plan`)
    for (const part of ['planner', 'executor', 'both'] as const)
      console.log(`  ${part.padEnd(9)} p50 ${parts[part].p50Us} us   p99 ${parts[part].p99Us} us`)
  }
  for (const { candidates, p50Us, p99Us } of figures.network)
    console.log(`network alone, ${candidates} candidates: p50 ${p50Us} us   p99 ${p99Us} us`)
}
