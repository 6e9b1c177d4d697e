/**
 * @file Learns the cascade of `masrouter`: REINFORCE on right answers less their cost, all price settings together.
 *
 * An iteration draws questions, each at a price. Each is routed a few times by chance and played with the same luck, so that
 * what a sample is worth above the mean of the others is owed to its choices alone; that is the advantage of every choice of
 * its cascade, over the batch's standard deviation. There is no critic. Steps after the first of an iteration go by the
 * clipped surrogate, since the policy has moved by then.
 * Source: Yue et al. 2025, arXiv 2502.11133, section 3; leave-one-out as in Kool et al. 2019.
 */
import { createRandom, keyedRandom, type ModelId, type ModelPrior, type Random } from '../../../core/index.ts'
import {
  type Candidate,
  candidateScorerShapes,
  createCascade,
  createScalarCandidateScorer,
  initialise,
  logProbabilityOf,
  type PriceSetting,
  priceSettings,
  type Route,
  type RoutedQuestion,
  type RouterChoice,
  type RouterLevel,
  type RouterPolicy,
  type RouterSettings,
  routerScorerConfig,
  type ScoredDecision,
  sampleCategorical,
} from '../../../policy/index.ts'
import { type ActorCriticStep, createActorCriticStep, createBatch, writeDecision } from '../losses/index.ts'
import { candidateScorer, startJax } from '../networks/index.ts'
import { type Adam, createAdam } from '../optimiser/index.ts'

export interface RoutedTask {
  readonly question: RoutedQuestion
  /** At least one. */
  readonly candidates: readonly Candidate[]
}

export interface RouterProblem {
  readonly models: readonly ModelId[]
  readonly priorOf: (model: ModelId) => ModelPrior
  readonly tasks: readonly RoutedTask[]
  /** Right answer less cost, for one play of `route` on a task; the same luck for the same `luck`. */
  utility(route: Route, at: { readonly task: number; readonly price: PriceSetting; readonly luck: string }): number
}

export interface RouterTraining {
  readonly iterations: number
  /** Questions of an iteration. */
  readonly questions: number
  /** Routes drawn for each; at least 2. */
  readonly samples: number
  /** Of the first iteration; a tenth of it in the last. */
  readonly learningRate: number
  /** Entropy bonus on normalised advantages, first and last. */
  readonly entropy: readonly [from: number, to: number]
  readonly seed: number
}

export interface RouterIteration {
  readonly iteration: number
  /** Mean of the drawn routes. */
  readonly utility: number
  /** Nats, mean over the choices of each level. */
  readonly entropy: Readonly<Record<RouterLevel, number>>
}

export const usualTraining: Omit<RouterTraining, 'seed'> = {
  iterations: 800,
  questions: 72,
  samples: 8,
  learningRate: 3e-3,
  entropy: [0.04, 0.0005],
}

const clipCoef = 0.2
/** Choices of a step: fixed, since steps are compiled for one size. */
const rowsOf: Readonly<Record<RouterLevel, number>> = { team: 384, model: 1024 }

interface Labelled {
  readonly decision: ScoredDecision
  readonly advantage: number
}

/** Same problem, settings and seed: same networks, bit for bit. */
export async function learnRouter(
  problem: RouterProblem,
  settings: RouterSettings,
  training: RouterTraining,
  onIteration?: (line: RouterIteration) => void,
): Promise<RouterPolicy['networks']> {
  await startJax()
  const { seed, iterations } = training
  const places = {
    team: Math.max(...problem.tasks.map(({ candidates }) => candidates.length)),
    model: problem.models.length,
  }
  const learners = {
    team: createLearner('team', { settings, places: places.team, seed }),
    model: createLearner('model', { settings, places: places.model, seed }),
  }
  const networks = { team: learners.team.parameters, model: learners.model.parameters }
  const player = createPlayer(problem, { ...settings, networks }, createRandom(seed))
  const order = createRandom(seed + 1)
  for (let iteration = 0; iteration < iterations; iteration += 1) {
    const { labelled, utility } = player(training, iteration)
    const progress = iteration / iterations
    const terms = {
      learningRate: training.learningRate * (1 - 0.9 * progress),
      entCoef: training.entropy[0] + (training.entropy[1] - training.entropy[0]) * progress,
      order,
    }
    const entropy = {
      team: learners.team.learn(labelled.team, terms),
      model: learners.model.learn(labelled.model, terms),
    }
    onIteration?.({ iteration, utility, entropy })
  }
  return networks
}

interface LearnTerms {
  readonly learningRate: number
  readonly entCoef: number
  readonly order: Random
}

function createLearner(
  level: RouterLevel,
  { settings, places, seed }: { readonly settings: RouterSettings; readonly places: number; readonly seed: number },
) {
  const scorer = routerScorerConfig(level, settings.hidden)
  const parameters = initialise(candidateScorerShapes(scorer), keyedRandom(seed, `masrouter|${level}`))
  const network = candidateScorer({ ...scorer, places })
  const step = createActorCriticStep({ network, rows: rowsOf[level], loss: 'clipped-surrogate' })
  const batch = createBatch(network, rowsOf[level])
  const adam = createAdam(parameters.length)
  return {
    parameters,
    /** Mean entropy. */
    learn(labelled: readonly Labelled[], { order, ...terms }: LearnTerms): number {
      const shuffled = shuffle(labelled, order)
      const entropies: number[] = []
      for (let start = 0; start < shuffled.length; start += rowsOf[level]) {
        const rows = shuffled.slice(start, start + rowsOf[level])
        // A last part that is small would weigh its choices too much.
        if (start > 0 && rows.length < rowsOf[level] / 2) break
        batch.weight.fill(0)
        for (const [row, { decision, advantage }] of rows.entries())
          writeDecision(batch, row, { decision, labels: { advantage } })
        entropies.push(takeStep({ step, adam, parameters }, batch, terms))
      }
      return entropies.reduce((sum, value) => sum + value, 0) / Math.max(1, entropies.length)
    },
  }
}

function takeStep(
  {
    step,
    adam,
    parameters,
  }: { readonly step: ActorCriticStep; readonly adam: Adam; readonly parameters: Float32Array },
  batch: Parameters<ActorCriticStep['step']>[1],
  { learningRate, entCoef }: Omit<LearnTerms, 'order'>,
): number {
  const coefficients = { clipCoef, vfCoef: 0, entCoef, klCoef: 0, cloneCoef: 0 }
  const { gradientFlat, stats } = step.step(parameters, batch, coefficients)
  adam.update(parameters, gradientFlat, learningRate)
  return stats.entropy
}

/** Plays an iteration: choices with their advantages, by level. */
function createPlayer(problem: RouterProblem, policy: RouterPolicy, random: Random) {
  // The plain networks: they follow the weights under training.
  const cascade = createCascade(policy, problem.priorOf, createScalarCandidateScorer)
  const { tasks, models } = problem
  const drawRoute = (task: number, price: PriceSetting) => {
    const made: { readonly level: RouterLevel; readonly decision: ScoredDecision }[] = []
    const take = (choice: RouterChoice): number => {
      const taken = sampleCategorical(choice.logits, random.uniform())
      made.push({ level: choice.level, decision: copyOf(choice, taken) })
      return taken
    }
    return { route: cascade({ ...(tasks[task] as RoutedTask), price, models, take }), made }
  }
  return ({ questions, samples }: RouterTraining, iteration: number) => {
    const drawn = Array.from({ length: questions }, (_, index) => {
      const task = random.below(tasks.length)
      const price = priceSettings[index % priceSettings.length] as PriceSetting
      const luck = `masrouter|${iteration}|${index}`
      const routes = Array.from({ length: samples }, () => drawRoute(task, price))
      const worths = routes.map(({ route }) => problem.utility(route, { task, price, luck }))
      return { routes, worths }
    })
    const advantages = normalised(drawn.map(({ worths }) => aboveOthers(worths)))
    const labelled: Record<RouterLevel, Labelled[]> = { team: [], model: [] }
    for (const [index, { routes }] of drawn.entries())
      for (const [sample, { made }] of routes.entries())
        for (const { level, decision } of made)
          labelled[level].push({ decision, advantage: advantages[index]?.[sample] as number })
    const all = drawn.flatMap(({ worths }) => worths)
    return { labelled, utility: all.reduce((sum, worth) => sum + worth, 0) / all.length }
  }
}

const copyOf = (
  { level: _, logits, context, candidates, count, base }: RouterChoice,
  taken: number,
): ScoredDecision => ({
  context: context.slice(),
  candidates: candidates.slice(0, count * sizeOf(candidates, base)),
  count,
  base: base.slice(0, count),
  taken,
  logProbability: logProbabilityOf(logits, taken),
})

/** Numbers of one candidate: both arrays have room for as many candidates. */
const sizeOf = (candidates: Float32Array, base: Float32Array): number => candidates.length / base.length

function aboveOthers(worths: readonly number[]): readonly number[] {
  const total = worths.reduce((sum, worth) => sum + worth, 0)
  return worths.map((worth) => worth - (total - worth) / (worths.length - 1))
}

function normalised(groups: readonly (readonly number[])[]): readonly (readonly number[])[] {
  const all = groups.flat()
  // Means are nought by construction.
  const deviation = Math.sqrt(all.reduce((sum, value) => sum + value * value, 0) / all.length)
  return groups.map((values) => values.map((value) => value / Math.max(deviation, 1e-6)))
}

function shuffle<T>(items: readonly T[], random: Random): readonly T[] {
  const shuffled = [...items]
  for (let last = shuffled.length - 1; last > 0; last -= 1) {
    const other = random.below(last + 1)
    const held = shuffled[last] as T
    shuffled[last] = shuffled[other] as T
    shuffled[other] = held
  }
  return shuffled
}
