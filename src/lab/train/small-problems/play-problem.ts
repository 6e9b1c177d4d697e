/**
 * @file Small problems with a known optimum, put to the very learner that trains policies.
 *
 * A problem deals situations and says what each choice leads to; this plays it with the forward network as the twin would be
 * played, hands shards to the level learner, and tells what the policy does at the end. Seconds, not minutes.
 */
import { createRandom, type Random } from '../../../core/index.ts'
import {
  argmax,
  type CandidateScorerConfig,
  createCandidateScorer,
  logProbabilityOf,
  sampleCategorical,
  softmax,
} from '../../../policy/index.ts'
import { type ActorCriticSettings, createLevelLearner, ourSettings } from '../learners/actor-critic/index.ts'
import { type Multiplier, type RewardTerms, rewardOf } from '../rewards/index.ts'
import { type Episode, type EpisodeFacts, privilegedNames, type Shard, toDecisionRows } from '../rollouts/index.ts'

export interface Situation {
  readonly context: Float32Array
  /** One row of features for each choice. */
  readonly candidates: readonly (readonly number[])[]
  /** Base scores in logits; zeros: none. */
  readonly base?: readonly number[]
}

export type Outcome = Pick<EpisodeFacts, 'isOnTime' | 'correctness' | 'latencyRatio' | 'charges'>

export interface Problem {
  readonly scorer: CandidateScorerConfig
  readonly places: number
  situation(random: Random): Situation
  /** What comes of `taken`; `shares`: how often each choice was taken in the batch, which is what a queue feels. */
  outcome(situation: Situation, taken: number, at: { readonly shares: Float64Array; readonly random: Random }): Outcome
}

export interface LearnProblem {
  readonly problem: Problem
  readonly reward: Omit<RewardTerms, 'lambda'>
  readonly multiplier: Multiplier
  readonly seed: number
  readonly epochs: number
  /** Decisions of an epoch. */
  readonly decisions: number
  readonly settings?: Partial<ActorCriticSettings>
}

export interface Learned {
  /** Probabilities of the choices in a situation. */
  probabilities(situation: Situation): Float32Array
  /** The likeliest. */
  choice(situation: Situation): number
  /** How often each choice was taken over the last third of the epochs. */
  readonly shares: Float64Array
}

/** Call `startJax` first. */
export async function learnProblem(options: LearnProblem): Promise<Learned> {
  const { problem, reward, multiplier, seed, epochs, decisions } = options
  const settings = { ...ourSettings, minibatch: 256, ...options.settings }
  const { scorer, places } = problem
  const learner = createLevelLearner({ level: 'planner', places, scorer, settings, seed })
  const random = createRandom(seed)
  const shares = new Float64Array(places)
  const settled = Math.floor((2 * epochs) / 3)
  for (let epoch = 0; epoch < epochs; epoch += 1) {
    const shard = playBatch({ problem, parameters: learner.policy(), decisions, random })
    if (epoch >= settled) addShares(shares, shard, decisions * (epochs - settled))
    const progress = epoch / epochs
    const learningRate = settings.learningRate * (1 - 0.9 * progress)
    await learner.learn([shard], (episode) => rewardOf(episode, { ...reward, lambda: multiplier.of(episode) }), {
      epoch,
      progress,
      learningRate,
    })
    multiplier.update(shard.episodes)
  }
  const network = createCandidateScorer(scorer, learner.policy())
  const logits = (situation: Situation) => network.score(inputOf(situation, problem)).slice()
  return {
    probabilities: (situation) => softmaxOf(logits(situation)),
    choice: (situation) => argmax(logits(situation)),
    shares,
  }
}

function addShares(shares: Float64Array, { planner }: Shard, decisions: number): void {
  for (const taken of planner.taken) shares[taken] = (shares[taken] as number) + 1 / decisions
}

function softmaxOf(logits: Float32Array): Float32Array {
  const probabilities = new Float32Array(logits.length)
  softmax(logits, probabilities, logits.length)
  return probabilities
}

const inputOf = ({ context, candidates, base }: Situation, { scorer }: Problem) => ({
  context,
  candidates: Float32Array.from(candidates.flatMap((row) => [...row].slice(0, scorer.candidateSize))),
  count: candidates.length,
  base: Float32Array.from(base ?? candidates.map(() => 0)),
})

interface Batch {
  readonly problem: Problem
  readonly parameters: Float32Array
  readonly decisions: number
  readonly random: Random
}

function playBatch({ problem, parameters, decisions, random }: Batch): Shard {
  const network = createCandidateScorer(problem.scorer, parameters)
  const played = Array.from({ length: decisions }, () => {
    const situation = problem.situation(random)
    const input = inputOf(situation, problem)
    const logits = network.score(input)
    const taken = sampleCategorical(logits, random.uniform())
    return { situation, decision: { ...input, taken, logProbability: logProbabilityOf(logits, taken) } }
  })
  const shares = new Float64Array(problem.places)
  for (const { decision } of played) shares[decision.taken] = (shares[decision.taken] as number) + 1 / decisions
  const episodes = played.map(
    ({ situation, decision }): Episode => ({
      shard: 0,
      ratePerMinute: 1,
      budgetMs: 30_000,
      load: 0,
      isStrict: true,
      privileged: new Float32Array(privilegedNames.length),
      team: 'io 1',
      arms: [],
      ...problem.outcome(situation, decision.taken, { shares, random }),
      decisions: [{ level: 'planner', decision }],
    }),
  )
  const { contextSize, candidateSize } = problem.scorer
  const sizes = { contextSize, candidateSize }
  return {
    episodes: episodes.map(({ decisions: _, ...facts }) => facts),
    planner: toDecisionRows(episodes, 'planner', sizes),
    executor: toDecisionRows(episodes, 'executor', sizes),
  }
}
