/** Trainings of networks that are tied to one pool: to the end, the same after a stop, written, read and refused elsewhere. */
import { rmSync } from 'node:fs'
import { afterAll, describe, expect, it } from 'vitest'
import { createOutFolders } from '../../../test/bench/small-bench.ts'
import { smallTraining } from '../../../test/small-training.ts'
import { ConfigError } from '../../core/index.ts'
import { createPolicySet } from '../../policy/index.ts'
import { loadPolicy } from '../policy-file.ts'
import { loadProfile } from '../profile-file.ts'
import { ablate } from './ablate.ts'
import { checkTrainOptions } from './check-options.ts'
import { paperSettings } from './learners/actor-critic/index.ts'
import { optionsHashOf } from './options-hash.ts'
import { type Trained, train } from './train.ts'
import type { TrainOptions } from './train-options.ts'
import { writePolicy } from './write-policy.ts'

const folders = createOutFolders()
afterAll(folders.clear)

const paper = (): TrainOptions =>
  smallTraining({ learner: 'ppo-paper', epochs: 2, change: { settings: { ...paperSettings, minibatch: 32, passes: 1 } } })
const ablated = (learner: 'ppo' | 'residual') => ablate(smallTraining({ learner, epochs: 2 }), 'joint-head')

async function run(options: TrainOptions, out: string, stopAfter = Infinity): Promise<Trained | null> {
  const stop = new AbortController()
  let epochs = 0
  const onProgress = () => {
    epochs += 1
    if (epochs >= stopAfter) stop.abort()
  }
  return train(options, { out, jobs: 1, signal: stop.signal, nowMs: () => 0, onProgress })
}

describe.each<[string, () => TrainOptions]>([
  ['ppo-paper', paper],
  ['ppo without the candidate head', () => ablated('ppo')],
  ['residual without the candidate head', () => ablated('residual')],
])('%s', (_, options) => {
  it('moves both networks, and ends with the same weights after a stop', async () => {
    const [one, other] = [folders.next(), folders.next()]
    const whole = (await run(options(), one)) as Trained
    expect(await run(options(), other, 1)).toBeNull()
    const resumed = (await run(options(), other)) as Trained
    expect(resumed.last).toEqual(whole.last)
    expect(resumed.judgement).toEqual(whole.judgement)
    rmSync(one, { recursive: true })
    const { last } = (await run({ ...options(), epochs: 1 }, one)) as Trained
    for (const level of ['planner', 'executor'] as const) {
      expect(whole.last[level].every(Number.isFinite)).toBe(true)
      expect(whole.last[level]).not.toEqual(last[level])
    }
  })

  it('writes a policy that decides on its own pool, and on no other', async () => {
    const out = folders.next()
    const { shape, last, judgement } = (await run({ ...options(), epochs: 1 }, out)) as Trained
    const profile = loadProfile('small')
    writePolicy(out, { kind: 'ppo', shape, weights: last, profile, seed: 1, trainedOn: {}, judgement })
    const { specs } = loadPolicy(out)
    expect(specs.executor).toMatchObject({ kind: 'joint', models: Object.keys(profile.models), parameters: last.executor })
    expect(specs.planner).toMatchObject({ parameters: last.planner })
    const models = Object.keys(profile.models)
    expect(createPolicySet({ prior: profile.prior, models, ...specs }).executor.name).toBe('joint')
    const elsewhere = () => createPolicySet({ prior: profile.prior, models: [...models, 'another'], ...specs })
    expect(elsewhere).toThrow(ConfigError)
    expect(elsewhere).toThrow(/another/)
  })

  it('is refused more than one pool', () => {
    const { ground } = options()
    expect(() => checkTrainOptions({ ...options(), ground: { ...ground, profiles: ['small', 'random:2'] } })).toThrow(
      /one pool/,
    )
    expect(() => checkTrainOptions(options())).not.toThrow()
  })
})

it('starts, over a base, as the base', async () => {
  const options = { ...ablated('residual'), epochs: 1 }
  const { best } = (await run(options, folders.next())) as Trained
  const { judgement } = (await run({ ...smallTraining({ epochs: 1 }), change: {} }, folders.next())) as Trained
  // Neither has learnt anything before its first epoch; what was judged then is the training-free policy both times.
  if (best.epoch === -1) expect(best.correctGoodput).toBeGreaterThan(0)
  expect(judgement.cells).toHaveLength(2)
})

it('is a training of its own', () => {
  const hashes = [smallTraining({ epochs: 2 }), paper(), ablated('ppo'), ablated('residual')].map(optionsHashOf)
  expect(new Set(hashes).size).toBe(4)
})
