import { describe, expect, it } from 'vitest'
import { createRandom } from '../../../core/index.ts'
import {
  armSize,
  createLatencyNetwork,
  createLengthNetwork,
  createPredictor,
  embeddingSize,
  hiddenSize,
  latencyFeatureNames,
  latencySize,
  levelCount,
  medianPlace,
  quantileLevels,
  querySize,
} from '../../../policy/index.ts'
import { loadProfile } from '../../profile-file.ts'
import { questionSets } from '../../questions/index.ts'
import { collectSteps } from './collect-steps.ts'
import { drawEpisode, type EpisodeOptions } from './episodes.ts'
import { measurePredictors } from './measure-predictors.ts'
import type { StepRow } from './step-rows.ts'
import { fitPredictors, trainPredictors } from './train-predictors.ts'

const questions = questionSets({ folder: null, datasets: ['mixed'], seed: 1 }).get('mixed')!.train
const traffic = (changes: Partial<EpisodeOptions> = {}): EpisodeOptions => ({
  profiles: [loadProfile('small')],
  questions,
  policy: 'random',
  load: [0.3, 1.2],
  queries: 30,
  isPerturbed: true,
  seed: 4,
  ...changes,
})

describe('collected steps', () => {
  it('are the same for the same episode, finite, and of every kind of step', async () => {
    const rows = await collectSteps(drawEpisode(traffic(), 0))
    expect(await collectSteps(drawEpisode(traffic(), 0))).toEqual(rows)
    expect(await collectSteps(drawEpisode(traffic({ seed: 5 }), 0))).not.toEqual(rows)
    expect(rows.length).toBeGreaterThan(40)
    for (const { latency, query, arm, ttft, tpot, length } of rows)
      for (const value of [...latency, ...query, ...arm, ttft ?? 0, tpot ?? 0, length])
        expect(Number.isFinite(value)).toBe(true)
    for (const kind of ['solve', 'revise', 'review', 'aggregate'])
      expect(rows.some(({ latency }) => latency[latencyFeatureNames.indexOf(`kind:${kind}`)] === 1)).toBe(true)
  })

  it('say nothing of the role’s importance in half of the rows', async () => {
    const rows = await collectSteps(drawEpisode(traffic(), 1))
    const places = latencyFeatureNames.flatMap((name, place) => (name.startsWith('importance:') ? [place] : []))
    const telling = rows.filter(({ latency }) => places.some((place) => latency[place] === 1)).length
    expect(telling / rows.length).toBeGreaterThan(0.35)
    expect(telling / rows.length).toBeLessThan(0.65)
  })

  it('vary the pool only where they may', () => {
    const plain = traffic({ isPerturbed: false })
    const [profile] = plain.profiles
    for (let index = 0; index < 4; index += 1) {
      expect(drawEpisode(plain, index)).toMatchObject({ profile, prior: profile!.prior, faults: [], sharesGpus: true })
      expect(drawEpisode(traffic(), index).profile.models).not.toEqual(profile!.models)
    }
  })
})

/** Rows in which the first feature sets both times and depth sets the length; noise is normal with the deviations given. */
function plantedRows(count: number, seed: number): readonly StepRow[] {
  const random = createRandom(seed)
  const embedding = new Float32Array(embeddingSize)
  return Array.from({ length: count }, () => {
    const latency = new Float32Array(latencySize)
    const arm = new Float32Array(armSize)
    latency[0] = random.uniform()
    const depth = random.below(3)
    arm[depth] = 1
    return {
      latency,
      embedding,
      query: new Float32Array(querySize),
      arm,
      ttft: 2 * latency[0] + 0.1 * random.normal(),
      tpot: random.uniform() < 0.2 ? null : 1 - latency[0] + 0.05 * random.normal(),
      length: depth - 1 + 0.3 * random.normal(),
    }
  })
}

const settings = { batchRows: 128, mostEpochs: 15, learningRate: 0.006 }
const trainPlanted = () =>
  fitPredictors({ train: plantedRows(1_500, 1), heldOut: plantedRows(400, 2) }, { seed: 3, settings })

describe('training', () => {
  it('learns a planted relation with its spread, and gives the same weights again', async () => {
    const trained = await trainPlanted()
    const features = new Float32Array(latencySize)
    const times = new Float32Array(2 * levelCount)
    const network = createLatencyNetwork(trained.weights.latency)
    for (const load of [0.2, 0.5, 0.8]) {
      features[0] = load
      network(features, times, 1)
      expect(Math.abs(times[medianPlace]! - 2 * load)).toBeLessThan(0.08)
      expect(Math.abs(times[levelCount + medianPlace]! - (1 - load))).toBeLessThan(0.08)
      // 10 % to 90 % of a normal are 2.56 deviations.
      expect(Math.abs((times[4]! - times[0]!) / 2.563 - 0.1)).toBeLessThan(0.04)
    }
    const lengths = createLengthNetwork(trained.weights.length)
    const [queryPart, armPart, quantiles, arm] = [hiddenSize, hiddenSize, levelCount, armSize].map(
      (size) => new Float32Array(size),
    ) as [Float32Array, Float32Array, Float32Array, Float32Array]
    lengths.queryPart(new Float32Array(embeddingSize), new Float32Array(querySize), queryPart)
    for (const depth of [0, 1, 2]) {
      arm.fill(0)
      arm[depth] = 1
      lengths.armPart(arm, armPart)
      lengths.quantiles(queryPart, armPart, quantiles)
      expect(Math.abs(quantiles[medianPlace]! - (depth - 1))).toBeLessThan(0.1)
      expect(Math.abs((quantiles[4]! - quantiles[0]!) / 2.563 - 0.3)).toBeLessThan(0.08)
    }
    expect(trained.losses.latency.at(-1)).toBeLessThan(0.2 * trained.losses.latency[0]!)
    const again = await trainPlanted()
    expect(again.weights).toEqual(trained.weights)
    expect(again.losses).toEqual(trained.losses)
  })

  it('refuses to learn from nothing', async () => {
    await expect(fitPredictors({ train: [], heldOut: [] }, { seed: 1 })).rejects.toThrow('rows')
  })

  it('goes from traffic to weights, holding whole episodes out', async () => {
    const heard: string[] = []
    const { weights, rows, heldOutRows, losses } = await trainPredictors({
      profiles: [loadProfile('small')],
      questions,
      episodes: 6,
      queries: 12,
      seed: 2,
      settings: { batchRows: 64, mostEpochs: 3 },
      onProgress: ({ stage }) => heard.push(stage),
    })
    expect(heard).toEqual([...Array.from({ length: 6 }, () => 'collected'), 'fitted'])
    expect(rows).toBeGreaterThan(heldOutRows)
    expect(heldOutRows).toBeGreaterThan(5)
    expect(losses.latency.at(-1)).toBeLessThan(losses.latency[0]!)
    for (const part of [weights.latency, weights.length]) expect(part.every(Number.isFinite)).toBe(true)
  })
})

describe('measuring', () => {
  it('asks all contenders the same, and scores points without intervals', async () => {
    const create = (prior: Parameters<typeof createPredictor>[0]['prior'], models: readonly string[]) =>
      createPredictor({ prior, models })
    const contenders = [
      { name: 'one', create },
      { name: 'other', create },
    ]
    const episodes = [drawEpisode(traffic({ isPerturbed: false }), 0)]
    const figures = await measurePredictors(episodes, contenders, { warmUpCalls: 5 })
    expect(figures).toHaveLength(8)
    for (const part of ['ttft', 'tpot', 'length', 'latency'] as const) {
      const [one, other] = figures.filter((figure) => figure.part === part)
      expect({ ...one, contender: '' }).toEqual({ ...other, contender: '' })
      expect(one!.count).toBeGreaterThan(20)
      expect(one!.within50 === null).toBe(part === 'ttft' || part === 'tpot')
      if (one!.within50 === null) continue
      expect(one!.within80!).toBeGreaterThan(one!.within50)
      expect(one!.within95!).toBeGreaterThanOrEqual(one!.within80!)
    }
    expect(quantileLevels[medianPlace]).toBe(0.5)
  })
})
