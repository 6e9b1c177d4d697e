import { readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { createOutFolders } from '../../../test/bench/small-bench.ts'
import { hasFullDisk, onFullDisk } from '../../../test/full-disk.ts'
import { paperModels, paperPrior, paperState } from '../../../test/policy/paper-pool.ts'
import { ConfigError, createRandom } from '../../core/index.ts'
import { candidateScorerShapes, createPolicySet, initialise } from '../../policy/index.ts'
import { aQuery, aStepContext } from '../../testing/index.ts'
import { loadPolicy } from '../policy-file.ts'
import { loadProfile } from '../profile-file.ts'
import { scorerConfigOf } from './learners/actor-critic/index.ts'
import type { PolicyShape } from './rollouts/index.ts'
import { writePolicy } from './write-policy.ts'

const folders = createOutFolders()
afterAll(folders.clear)

const hidden = 8
const weightsOf = (level: 'planner' | 'executor') =>
  initialise(candidateScorerShapes(scorerConfigOf(level, hidden)), createRandom(5))
const weights = () => ({ planner: weightsOf('planner'), executor: weightsOf('executor') })
const judgement = { correctGoodput: 0.71, onTime: 0.999, cells: [] }
function write(folder: string, parts: { weights?: ReturnType<typeof weights>; shape?: Partial<PolicyShape> } = {}) {
  writePolicy(folder, {
    kind: 'residual',
    shape: { hidden, temperature: 0.02, readsQuestions: false, ...parts.shape },
    weights: parts.weights ?? weights(),
    profile: loadProfile('paper-b200'),
    seed: 3,
    trainedOn: { learner: 'residual' },
    judgement,
  })
  return folder
}

describe('a policy that was written', () => {
  it('is read back with its weights, and decides', () => {
    const { specs, summary } = loadPolicy(write(folders.next()))
    expect(specs.planner).toMatchObject({
      kind: 'learned',
      hidden,
      temperature: 0.02,
      parameters: weightsOf('planner'),
    })
    expect(specs.executor).toMatchObject({ kind: 'learned', parameters: weightsOf('executor') })
    expect(summary).toMatchObject({ kind: 'residual', trainedOn: { learner: 'residual' } })
    const { planner, executor } = createPolicySet({ prior: paperPrior, models: paperModels, ...specs })
    const query = aQuery({ domain: 'math', budgetMs: 30_000 })
    const plan = planner.plan(query, paperState())
    expect(plan.reason).toBe('learned')
    expect(executor.choose(aStepContext({ query, plan }), paperState())).toMatchObject({ reason: 'learned' })
  })

  it('keeps what it was trained as: whose choices, which prices, what is seen', () => {
    const shape = { learns: 'executor', congestionFactor: 0.5, seesOutcomes: false, readsQuestions: true } as const
    const { specs } = loadPolicy(write(folders.next(), { shape }))
    expect(specs).toMatchObject({ congestionFactor: 0.5, readsQuestions: true, planner: { kind: 'dual' } })
    expect(specs.executor).toMatchObject({ kind: 'learned', seesOutcomes: false })
  })

  it('is the same bytes once more', () => {
    const [one, other] = [write(folders.next()), write(folders.next())]
    for (const file of ['policy.json', 'policy.safetensors'])
      expect(readFileSync(join(one, file)).equals(readFileSync(join(other, file)))).toBe(true)
  })

  it('is refused where a weight is not a number', () => {
    const bad = weights()
    bad.executor[17] = Number.NaN
    expect(() => loadPolicy(write(folders.next(), { weights: bad }))).toThrow(ConfigError)
  })

  it('is refused where the halves do not belong together, or one was cut', () => {
    const [one, other] = [write(folders.next()), folders.next()]
    const changed = weights()
    changed.planner[0] = 0.5
    write(other, { weights: changed })
    writeFileSync(join(one, 'policy.safetensors'), readFileSync(join(other, 'policy.safetensors')))
    expect(() => loadPolicy(one)).toThrow(/weightsSha256/)
    writeFileSync(join(other, 'policy.safetensors'), readFileSync(join(other, 'policy.safetensors')).subarray(0, 900))
    expect(() => loadPolicy(other)).toThrow(ConfigError)
  })

  it.skipIf(!hasFullDisk)(onFullDisk('outlives a disk that is full at the next one'), () => {
    const folder = write(folders.next())
    const before = loadPolicy(folder).summary.hash
    const draft = join(folder, 'policy.safetensors.part')
    symlinkSync('/dev/full', draft)
    expect(() => write(folder)).toThrow(/Make room/)
    rmSync(draft, { force: true })
    expect(loadPolicy(folder).summary.hash).toBe(before)
  })
})
