import { expect, it } from 'vitest'
import { smallTraining } from '../../../test/small-training.ts'
import { ConfigError } from '../../core/index.ts'
import { checkTrainOptions } from './check-options.ts'

it('takes what a training can be had with', () => {
  expect(() => checkTrainOptions(smallTraining())).not.toThrow()
})

it.each([
  ['--epochs', { epochs: 0 }],
  ['--epochs', { epochs: 1.5 }],
  ['--twins', { twins: 5_000 }],
  ['--hidden', { hidden: Number.NaN }],
  ['--judge-every', { judgeEvery: 0 }],
  ['--profile', { ground: { profiles: [], data: null, datasets: ['mixed'] } }],
  ['--datasets', { ground: { profiles: ['small'], data: null, datasets: [] } }],
] as const)('names %s where it is at fault', (flag, parts) => {
  expect(() => checkTrainOptions(smallTraining(parts))).toThrow(ConfigError)
  expect(() => checkTrainOptions(smallTraining(parts))).toThrow(flag)
})

it('names every fault at once', () => {
  expect(() => checkTrainOptions(smallTraining({ epochs: 0, hidden: 1 }))).toThrow(/--epochs.*--hidden/s)
})
