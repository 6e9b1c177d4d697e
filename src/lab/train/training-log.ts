/**
 * @file `training.jsonl`: one line for each epoch, with all that tells whether learning goes well.
 *
 * Read it with any JSON tool; `report` draws it. Lines of epochs that are played again after an interruption are dropped
 * first, so each epoch stands once.
 */
import { appendFileSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { ConfigError } from '../../core/index.ts'
import { writeWhole } from '../bench/index.ts'
import type { Judgement } from './judge.ts'
import type { EpochResult, LevelStats } from './learners/actor-critic/index.ts'
import { bandNames, bandOf } from './rewards/index.ts'
import type { EpisodeFacts } from './rollouts/index.ts'

const number = z.number()
const levelLine = z.strictObject({
  decisions: number,
  minibatches: number,
  policyLoss: number,
  valueLoss: number,
  entropy: number,
  kl: number,
  klToBase: number,
  clipFraction: number,
  explainedVariance: number,
  gradientNorm: number,
})

/** What was taken at one tier of budgets and band of loads. */
const bandLine = z.strictObject({
  band: z.string(),
  episodes: number,
  correctGoodput: number,
  onTime: number,
  meanAgents: number,
  multiplier: number,
  /** Share of the episodes by team, and of the calls by arm. */
  teams: z.record(z.string(), number),
  arms: z.record(z.string(), number),
})

export const trainingLineSchema = z.strictObject({
  epoch: z.int(),
  learner: z.string(),
  episodes: number,
  meanReward: number,
  correctGoodput: number,
  onTime: number,
  strict: number,
  meanCharges: number,
  meanLatencyRatio: number,
  learningRate: number,
  planner: levelLine,
  executor: levelLine,
  bands: z.array(bandLine),
  validation: z.nullable(z.strictObject({ correctGoodput: number, onTime: number })),
})
export type TrainingLine = z.infer<typeof trainingLineSchema>

const mean = (episodes: readonly EpisodeFacts[], value: (episode: EpisodeFacts) => number): number =>
  episodes.reduce((sum, episode) => sum + value(episode), 0) / Math.max(1, episodes.length)

const goodputOf = (episodes: readonly EpisodeFacts[]) =>
  mean(episodes, ({ isOnTime, correctness }) => (isOnTime ? correctness : 0))

function sharesOf(names: readonly string[]): Record<string, number> {
  const counts = new Map<string, number>()
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1)
  const sorted = [...counts].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))
  return Object.fromEntries(sorted.map(([name, count]) => [name, count / names.length]))
}

const agentsOf = ({ team }: EpisodeFacts): number => Number(team.split(' ')[1])

function bandsOf(episodes: readonly EpisodeFacts[], multiplierOf: (episode: EpisodeFacts) => number) {
  return bandNames.flatMap((band, index) => {
    const inside = episodes.filter((episode) => bandOf(episode) === index)
    const [first] = inside
    if (!first) return []
    return {
      band,
      episodes: inside.length,
      correctGoodput: goodputOf(inside),
      onTime: mean(inside, ({ isOnTime }) => (isOnTime ? 1 : 0)),
      meanAgents: mean(inside, agentsOf),
      multiplier: multiplierOf(first),
      teams: sharesOf(inside.map(({ team }) => team)),
      arms: sharesOf(inside.flatMap(({ arms }) => arms)),
    }
  })
}

const levelOf = ({ loss: _, cloneLoss: __, ...stats }: LevelStats) => stats

export interface LineInput {
  readonly learner: string
  readonly learningRate: number
  readonly multiplierOf: (episode: EpisodeFacts) => number
  readonly validation: Judgement | null
}

export function trainingLine(result: EpochResult, input: LineInput): TrainingLine {
  const episodes = result.shards.flatMap((shard) => shard.episodes)
  const { validation } = input
  return {
    epoch: result.epoch,
    learner: input.learner,
    episodes: episodes.length,
    meanReward: result.meanReward,
    correctGoodput: goodputOf(episodes),
    onTime: mean(episodes, ({ isOnTime }) => (isOnTime ? 1 : 0)),
    strict: mean(episodes, ({ isStrict }) => (isStrict ? 1 : 0)),
    meanCharges: mean(episodes, ({ charges }) => charges),
    meanLatencyRatio: mean(episodes, ({ latencyRatio }) => latencyRatio),
    learningRate: input.learningRate,
    planner: levelOf(result.planner),
    executor: levelOf(result.executor),
    bands: bandsOf(episodes, input.multiplierOf),
    validation: validation && { correctGoodput: validation.correctGoodput, onTime: validation.onTime },
  }
}

const pathIn = (folder: string) => join(folder, 'training.jsonl')

/**
 * The log of `folder`, from which lines of epoch `epochs` and later are dropped: those are played again. Lines that were lost are not
 * made anew. Throws ConfigError on a full disk.
 */
export function beginLog(folder: string, epochs: number): { append(line: TrainingLine): void } {
  const path = pathIn(folder)
  const kept = readLines(path).filter((line) => epochOf(line) < epochs)
  writeWhole(path, kept.map((line) => `${line}\n`).join(''))
  return {
    append(line) {
      try {
        appendFileSync(path, `${JSON.stringify(line)}\n`)
      } catch (error) {
        const fix = 'Make room; the same command goes on from the last checkpoint.'
        throw new ConfigError([{ path, expected: 'a file that can be written', got: (error as Error).message, fix }])
      }
    },
  }
}

/** Infinity: the line is torn. */
function epochOf(line: string): number {
  try {
    const { epoch } = Object(JSON.parse(line)) as { readonly epoch?: unknown }
    return typeof epoch === 'number' ? epoch : Infinity
  } catch {
    return Infinity
  }
}

function readLines(path: string): readonly string[] {
  try {
    return readFileSync(path, 'utf8').split('\n').filter(Boolean)
  } catch {
    return []
  }
}
