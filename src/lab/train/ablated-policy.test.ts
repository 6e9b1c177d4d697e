/** What a policy was trained without stands in its file, and the benchmark plays it so. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { paperProfile } from '../../../test/paper-profile.ts'
import { createRandom } from '../../core/index.ts'
import { armScorerConfig, candidateScorerShapes, initialise, planScorerConfig } from '../../policy/index.ts'
import { loadPolicy } from '../policy-file.ts'
import type { PolicyShape } from './rollouts/index.ts'
import { writePolicy } from './write-policy.ts'

const folder = mkdtempSync(join(tmpdir(), 'inframind-ablated-'))
afterAll(() => rmSync(folder, { recursive: true }))

const hidden = 8
function written(shape: Partial<PolicyShape>) {
  writePolicy(folder, {
    kind: 'residual',
    shape: { hidden, temperature: 0.02, readsQuestions: false, ...shape },
    weights: {
      planner: initialise(candidateScorerShapes(planScorerConfig(hidden)), createRandom(1)),
      executor: initialise(candidateScorerShapes(armScorerConfig(hidden)), createRandom(2)),
    },
    profile: paperProfile(),
    seed: 1,
    trainedOn: {},
    judgement: { correctGoodput: 0.5, onTime: 1, cells: [] },
  })
  return loadPolicy(folder).specs
}

it('says who was blind, and what was scrambled', () => {
  const shape = { isBlind: { planner: false, executor: true }, scrambles: { metrics: true }, congestionFactor: 0 }
  expect(written(shape)).toMatchObject(shape)
})

it('says which side of the pool was seen', () => {
  const { planner, executor } = written({ view: 'raw' })
  expect([planner, executor]).toMatchObject([{ view: 'raw' }, { view: 'raw' }])
})

it('says nothing where nothing was taken away', () => {
  const specs = written({})
  expect(specs).not.toHaveProperty('isBlind')
  expect(specs).not.toHaveProperty('scrambles')
  expect(specs.planner).not.toHaveProperty('view')
})
