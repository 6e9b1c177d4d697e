/** Trainings of networks that are tied to one pool: to the end, the same after a stop, written, read and refused elsewhere. */
import { cpSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createOutFolders } from '../../../test/bench/small-bench.ts'
import { smallTraining } from '../../../test/small-training.ts'
import { ConfigError } from '../../core/index.ts'
import { createPolicySet } from '../../policy/index.ts'
import { loadPolicy } from '../policy-file.ts'
import { loadProfile } from '../profile-file.ts'
import { ablate } from './ablate.ts'
import { checkTrainOptions } from './check-options.ts'
import { paperSettings } from './learners/actor-critic/index.ts'
import { createLevelLearners } from './learners/index.ts'
import { optionsHashOf } from './options-hash.ts'
import { type Trained, train } from './train.ts'
import type { TrainOptions } from './train-options.ts'
import { writePolicy } from './write-policy.ts'

const folders = createOutFolders()
afterAll(folders.clear)

const brief = { epochs: 2, judgeEvery: 1 }
const paper = (): TrainOptions =>
  smallTraining({
    ...brief,
    learner: 'ppo-paper',
    change: { settings: { ...paperSettings, minibatch: 32, passes: 1 } },
  })
const ablated = () => ablate(smallTraining(brief), 'joint-head')

async function run(options: TrainOptions, out: string, onProgress = () => {}): Promise<Trained> {
  const signal = new AbortController().signal
  const trained = await train(options, { out, jobs: 1, signal, nowMs: () => 0, onProgress })
  if (!trained) throw new Error('the training was stopped')
  return trained
}

describe.each<[string, () => TrainOptions]>([
  ['ppo-paper', paper],
  ['residual without the candidate head', ablated],
])('%s', (name, options) => {
  /** The folder as it was after the first epoch. */
  let half = ''
  let whole: Trained
  const profile = loadProfile('small')
  const models = Object.keys(profile.models)
  beforeAll(async () => {
    const out = folders.next()
    whole = await run(options(), out, () => {
      if (half !== '') return
      half = folders.next()
      cpSync(out, half, { recursive: true })
    })
  })

  it('goes on from where it was stopped as if nothing had happened', async () => {
    const resumed = await run(options(), half)
    expect(resumed.last).toEqual(whole.last)
    expect(resumed.best).toEqual(whole.best)
    expect(resumed.judgement).toEqual(whole.judgement)
  })

  it('moves both networks', () => {
    const { seed } = options()
    const fresh = createLevelLearners({ shape: whole.shape, settings: paperSettings, seed, mostModels: models.length })
    for (const level of ['planner', 'executor'] as const) {
      const [before, after] = [fresh[level].policy(), whole.last[level]]
      expect(after.every(Number.isFinite)).toBe(true)
      const moved = after.filter((value, index) => value !== before[index]).length
      expect(moved).toBeGreaterThan(after.length / 4)
    }
    expect(whole.shape).toMatchObject({ models, heads: { executor: 'joint' } })
    expect(whole.shape.heads?.planner).toBe(name === 'ppo-paper' ? 'paper' : undefined)
  })

  it('writes a policy that decides on its own pool, and on no other', () => {
    const out = folders.next()
    const { shape, last, judgement } = whole
    writePolicy(out, { kind: 'ppo', shape, weights: last, profile, seed: 1, trainedOn: {}, judgement })
    const { specs } = loadPolicy(out)
    expect(specs.executor).toMatchObject({ kind: 'joint', models, parameters: last.executor })
    expect(specs.planner).toMatchObject({ kind: shape.heads?.planner ?? 'learned', parameters: last.planner })
    expect(createPolicySet({ prior: profile.prior, models, ...specs }).executor.name).toBe('joint')
    const elsewhere = () => createPolicySet({ prior: profile.prior, models: [...models, 'another'], ...specs })
    expect(elsewhere).toThrow(ConfigError)
    expect(elsewhere).toThrow(/another/)
  })

  it.each(['no-text', 'no-outcomes', 'no-metrics'])(
    'is refused without features that it cannot do without: %s',
    (part) => {
      expect(() => checkTrainOptions(ablate(options(), part))).toThrow(/--ablate/)
      expect(() => checkTrainOptions(ablate(options(), 'planner-blind'))).not.toThrow()
    },
  )

  it('is refused more than one pool', () => {
    const { ground } = options()
    const onMore = { ...options(), ground: { ...ground, profiles: ['small', 'random:2'] } }
    expect(() => checkTrainOptions(onMore)).toThrow(/one pool/)
    expect(() => checkTrainOptions(options())).not.toThrow()
  })
})

it('each head is a training of its own', () => {
  const hashes = [smallTraining(brief), paper(), ablated()].map(optionsHashOf)
  expect(new Set(hashes).size).toBe(3)
})
