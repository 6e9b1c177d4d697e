/**
 * @file Learns the paper's planner from the teams of an epoch: REINFORCE, one pass, noise of the encoder as it was drawn.
 *
 * Advantage: the reward less the mean of its minibatch, over its deviation. There is no critic, and only one pass: the loss
 * has no ratio to hold a policy that has moved. The paper updates after each 64 episodes; here an epoch is played first and
 * cut into minibatches of as many, so the later ones come from a policy some steps old.
 */
import { createRandom, type Domain, domains, keyedRandom } from '../../../../core/index.ts'
import {
  initialise,
  paperPlannerConfig,
  paperPlannerShapes,
  readTeamDecision,
  type ScoredDecision,
  teamTexts,
} from '../../../../policy/index.ts'
import {
  createPlannerBatch,
  createPlannerStep,
  type PlannerBatch,
  type PlannerStats,
  type PlannerStep,
  writeTeam,
} from '../../losses/index.ts'
import { createAdam } from '../../optimiser/index.ts'
import type { EpisodeFacts } from '../../rollouts/index.ts'
import { levelData } from '../actor-critic/level-data.ts'
import type { LevelLearner, LevelStats } from '../actor-critic/level-learner.ts'
import type { ActorCriticSettings } from '../actor-critic/settings.ts'
import { shuffled } from '../actor-critic/shuffled.ts'

/** The paper weighs the encoders 0.001; of its classifier of domains it does not say. */
const vaeCoef = 0.001
const domainCoef = 0.1
const smallestDeviation = 1e-6

export interface TeamLearnerOptions {
  readonly models: number
  readonly settings: Pick<ActorCriticSettings, 'minibatch' | 'entropyFrom' | 'entropyTo' | 'gradientNormClip'>
  readonly seed: number
  /** Weights to start from. Default: fresh ones. */
  readonly parameters?: Float32Array
}

/** Call `startJax` first. */
export function createTeamLearner({ models, settings, seed, ...options }: TeamLearnerOptions): LevelLearner {
  const config = paperPlannerConfig(models)
  const parameters = options.parameters ?? initialise(paperPlannerShapes(config), keyedRandom(seed, 'weights|planner'))
  const adam = createAdam(parameters.length, { maxGradNorm: settings.gradientNormClip })
  const stepConfig = { ...config, rows: settings.minibatch, texts: teamTexts() }
  const batch = createPlannerBatch(stepConfig)
  const step = createPlannerStep(stepConfig)
  return {
    parameters,
    adam,
    policy: () => parameters.slice(),
    async learn(shards, rewardOf, { epoch, progress, learningRate }) {
      const data = levelData(shards, 'planner')
      const order = shuffled(data.count, createRandom(seed * 7919 + epoch).below)
      const entCoef = settings.entropyFrom + (settings.entropyTo - settings.entropyFrom) * progress
      const seen: StepStats[] = []
      let gradientNorm = 0
      for (let start = 0; start < order.length; start += settings.minibatch) {
        const chosen = [...order.subarray(start, start + settings.minibatch)]
        // A last part that fills less than half a minibatch would weigh its teams too much.
        if (start > 0 && 2 * chosen.length < settings.minibatch) break
        const teams = chosen.map((index) => ({ decision: data.decision(index), episode: data.episode(index) }))
        fill(batch, teams, rewardOf)
        const { gradientFlat, ...told } = step.step(parameters, batch, { entCoef, vaeCoef, domainCoef })
        gradientNorm += adam.update(parameters, gradientFlat, learningRate)
        seen.push({ ...told.stats, kl: divergence(told, teams) })
      }
      const minibatches = seen.length
      return {
        ...meanStats(seen),
        decisions: data.count,
        minibatches,
        gradientNorm: gradientNorm / Math.max(1, minibatches),
      }
    },
  }
}

interface PlayedTeam {
  readonly decision: ScoredDecision
  readonly episode: EpisodeFacts
}

interface StepStats extends PlannerStats {
  readonly kl: number
}

function fill(batch: PlannerBatch, teams: readonly PlayedTeam[], rewardOf: (episode: EpisodeFacts) => number): void {
  const { membersOf } = teamTexts()
  const advantages = normalised(teams.map(({ episode }) => rewardOf(episode)))
  batch.arrays['weight']?.fill(0)
  for (const [row, { decision }] of teams.entries()) {
    const team = readTeamDecision(decision.context)
    const allowedRoles = membersOf(domains[team.domain] as Domain)
    const query = decision.query as Float32Array
    writeTeam(batch, row, { ...team, query, allowedRoles, advantage: advantages[row] as number })
  }
}

function normalised(rewards: readonly number[]): readonly number[] {
  const mean = rewards.reduce((sum, reward) => sum + reward, 0) / rewards.length
  const variance = rewards.reduce((sum, reward) => sum + (reward - mean) ** 2, 0) / rewards.length
  const deviation = Math.max(smallestDeviation, Math.sqrt(variance))
  return rewards.map((reward) => (reward - mean) / deviation)
}

/** How far the policy has moved since it acted: mean of (ratio - 1) - ln ratio over the teams that it formed. */
function divergence(
  { logProbabilities }: Pick<ReturnType<PlannerStep['step']>, 'logProbabilities'>,
  teams: readonly PlayedTeam[],
): number {
  const terms = teams.map(({ decision }, row) => {
    const logRatio = (logProbabilities[row] as number) - decision.logProbability
    return Math.exp(logRatio) - 1 - logRatio
  })
  return terms.reduce((sum, term) => sum + term, 0) / terms.length
}

type TeamStats = Omit<LevelStats, 'decisions' | 'minibatches' | 'gradientNorm'>

/** What a critic, a base or a clipped ratio would tell stays 0. */
function meanStats(seen: readonly StepStats[]): TeamStats {
  const mean = (name: 'loss' | 'policyLoss' | 'entropy' | 'kl') =>
    seen.reduce((sum, stats) => sum + stats[name], 0) / Math.max(1, seen.length)
  const none = { valueLoss: 0, klToBase: 0, cloneLoss: 0, clipFraction: 0, explainedVariance: 0 }
  return { ...none, loss: mean('loss'), policyLoss: mean('policyLoss'), entropy: mean('entropy'), kl: mean('kl') }
}
