import { appendFileSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { anEpisode } from '../../../test/an-episode.ts'
import { createOutFolders } from '../../../test/bench/small-bench.ts'
import { hasFullDisk, onFullDisk } from '../../../test/full-disk.ts'
import { ConfigError } from '../../core/index.ts'
import type { EpochResult, LevelStats } from './learners/actor-critic/index.ts'
import type { EpisodeFacts } from './rollouts/index.ts'
import { beginLog, trainingLine, trainingLineSchema } from './training-log.ts'

const folders = createOutFolders()
afterAll(folders.clear)

const stats: LevelStats = {
  decisions: 12,
  minibatches: 3,
  gradientNorm: 0.5,
  loss: 1,
  policyLoss: -0.1,
  valueLoss: 0.2,
  entropy: 1.1,
  kl: 0.01,
  klToBase: 0.02,
  cloneLoss: 0,
  clipFraction: 0.1,
  explainedVariance: 0.3,
}
const resultOf = (episodes: readonly EpisodeFacts[], epoch = 0): EpochResult => ({
  epoch,
  shards: [{ episodes, planner: {} as never, executor: {} as never }],
  planner: stats,
  executor: stats,
  meanReward: 0.4,
  playedMs: 1,
  learntMs: 2,
})
const input = { learner: 'residual', learningRate: 1e-3, multiplierOf: () => 0.25, validation: null }
const lineOf = (episodes: readonly EpisodeFacts[], epoch = 0) => trainingLine(resultOf(episodes, epoch), input)

describe('a line', () => {
  const episodes = [
    anEpisode({ correctness: 1, isOnTime: true, isStrict: true, team: 'debate 3 vote', arms: ['a:Flash', 'b:Flash'] }),
    anEpisode({ correctness: 1, isOnTime: false, isStrict: false, charges: 0.4, arms: ['a:Flash'] }),
    anEpisode({ correctness: 0.5, isOnTime: true, isStrict: false, arms: ['a:Flash'] }),
    anEpisode({ correctness: 0, isOnTime: true, isStrict: true, load: 2, latencyRatio: 0.9, arms: [] }),
  ]
  const line = lineOf(episodes)

  it('keeps to its schema, with and without a look at validation questions', () => {
    expect(trainingLineSchema.parse(JSON.parse(JSON.stringify(line)))).toEqual(line)
    const validation = { correctGoodput: 0.7, onTime: 0.99, cells: [] }
    const judged = trainingLine(resultOf(episodes), { ...input, validation })
    expect(trainingLineSchema.parse(judged).validation).toEqual({ correctGoodput: 0.7, onTime: 0.99 })
  })

  it('counts a right answer only in time', () => {
    expect(line).toMatchObject({ episodes: 4, correctGoodput: 1.5 / 4, onTime: 3 / 4, strict: 2 / 4, meanCharges: 0.1 })
  })

  it('says what was taken by tier and band: shares of teams over queries, of arms over calls', () => {
    const [quiet, full] = line.bands
    expect(line.bands).toHaveLength(2)
    expect(quiet).toMatchObject({ band: 'budget<=30s load<=0.3', episodes: 3, multiplier: 0.25 })
    expect(quiet?.teams).toEqual({ 'io 1': 2 / 3, 'debate 3 vote': 1 / 3 })
    expect(Object.keys(quiet?.teams ?? {})).toEqual(['io 1', 'debate 3 vote'])
    expect(quiet?.arms).toEqual({ 'a:Flash': 3 / 4, 'b:Flash': 1 / 4 })
    expect(quiet?.meanAgents).toBeCloseTo(5 / 3)
    expect(full).toMatchObject({ band: 'budget<=30s load<=Infinity', episodes: 1, arms: {} })
  })

  it('stands for an epoch in which nobody asked', () => {
    expect(trainingLineSchema.parse(lineOf([]))).toMatchObject({ episodes: 0, correctGoodput: 0, bands: [] })
  })
})

describe('the log', () => {
  const epochsIn = (folder: string) =>
    readFileSync(join(folder, 'training.jsonl'), 'utf8')
      .split('\n')
      .filter(Boolean)
      .map((line) => trainingLineSchema.parse(JSON.parse(line)).epoch)
  const logOf = (epochs: readonly number[]) => {
    const folder = folders.next()
    const log = beginLog(folder, 0)
    for (const epoch of epochs) log.append(lineOf([], epoch))
    return folder
  }

  it('drops what is played again, and a line that was torn', () => {
    const folder = logOf([0, 1, 2])
    appendFileSync(join(folder, 'training.jsonl'), '{"epoch":3,"lear')
    beginLog(folder, 2).append(lineOf([], 2))
    expect(epochsIn(folder)).toEqual([0, 1, 2])
  })

  it('has each epoch once also where it was lost in between', () => {
    const folder = logOf([0, 1])
    rmSync(join(folder, 'training.jsonl'))
    const log = beginLog(folder, 2)
    for (const epoch of [2, 3, 4]) log.append(lineOf([], epoch))
    beginLog(folder, 4).append(lineOf([], 4))
    expect(epochsIn(folder)).toEqual([2, 3, 4])
  })

  it.skipIf(!hasFullDisk)(onFullDisk('says that the disk is full, and how to go on'), () => {
    const folder = logOf([0])
    const log = beginLog(folder, 1)
    rmSync(join(folder, 'training.jsonl'))
    symlinkSync('/dev/full', join(folder, 'training.jsonl'))
    expect(() => log.append(lineOf([], 1))).toThrow(ConfigError)
    expect(() => log.append(lineOf([], 1))).toThrow(/Make room.*last checkpoint/s)
  })
})
