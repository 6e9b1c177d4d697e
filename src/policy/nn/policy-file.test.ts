/** @file A policy on disk: comes back whole, and its two halves are held together. */
import { describe, expect, it } from 'vitest'
import { ConfigError, createRandom } from '../../core/index.ts'
import {
  candidateScorerShapes,
  initialise,
  type PolicyContents,
  parsePolicy,
  policyParameters,
  serialisePolicy,
  serialiseSafetensors,
  sha256,
} from './index.ts'

const shapes = candidateScorerShapes({ contextSize: 2, candidateSize: 3, hidden: 4 })
const parameters = initialise(shapes, createRandom(1))
const contents: PolicyContents = {
  header: {
    kind: 'residual',
    head: 'candidate',
    featureNames: { executor: { context: ['budget', 'slack'], candidate: ['queue', 'latency', 'tier'] } },
    normalisation: { budget: { kind: 'log', scale: 300 } },
    profileHash: 'p',
    truthHash: 't',
    seed: 7,
    trainedOn: { profiles: ['paper-b200'] },
    results: { accuracy: 0.5 },
    settings: { temperature: 0.7 },
  },
  networks: new Map([
    ['executor', { shapes, parameters }],
    ['planner', { shapes, parameters: parameters.map((value) => -value) }],
  ]),
}
const { header, weights } = serialisePolicy(contents)
const problemsOf = (broken: unknown, bytes = weights) => {
  try {
    parsePolicy(broken, bytes, 'my/policy.json')
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError)
    expect((error as ConfigError).message).toContain('my/policy.json')
    return (error as ConfigError).problems
  }
  throw new Error('it was read')
}
const weightsOf = (tensors: Record<string, number[]>) =>
  serialiseSafetensors({
    tensors: new Map(
      Object.entries(tensors).map(([name, values]) => [
        name,
        { shape: [values.length], values: Float32Array.from(values) },
      ]),
    ),
    metadata: {},
  })
const withWeights = (bytes: Uint8Array, network: { name: string; shape: number[] }[]) => ({
  ...header,
  shapes: { executor: network },
  weightsSha256: sha256(bytes),
})

describe('a policy file', () => {
  it('comes back whole through JSON, bit for bit', () => {
    const { header: read, networks } = parsePolicy(JSON.parse(JSON.stringify(header)), weights, 'x')
    expect(read).toEqual(header)
    expect(networks.get('executor')).toEqual(parameters)
    expect(networks.get('planner')).toEqual(parameters.map((value) => -value))
    expect(serialisePolicy(contents)).toEqual({ header, weights })
  })

  it('gives parameters to code of the same shapes', () => {
    const policy = parsePolicy(header, weights, 'x')
    expect(policyParameters(policy, 'executor', { shapes, source: 'x' })).toEqual(parameters)
  })

  it.each([
    ['that it does not hold', 'critic', shapes, 'context.weight [2, 4]', 'nothing'],
    [
      'of other shapes',
      'executor',
      candidateScorerShapes({ contextSize: 3, candidateSize: 3, hidden: 4 }),
      'context.weight [3, 4]',
      'context.weight [2, 4]',
    ],
    ['with a layer less', 'executor', shapes.slice(0, -1), 'no more', 'base.scale [1]'],
    [
      'with a layer more',
      'executor',
      [...shapes, { name: 'more', shape: [1], start: 'zeros' as const }],
      'more [1]',
      'nothing',
    ],
  ])('refuses a network %s', (_, network, wanted, expected, got) => {
    const policy = parsePolicy(header, weights, 'x')
    expect(() => policyParameters(policy, network, { shapes: wanted, source: 'x' })).toThrow(
      `expected ${expected}, got ${got}`,
    )
  })

  it('refuses weights of another run', () => {
    const other = weights.slice()
    other[other.length - 1]! ^= 1
    expect(problemsOf(header, other)).toMatchObject([{ path: 'weightsSha256', got: sha256(other) }])
  })

  it('names every tensor that is missing, foreign or of another shape', () => {
    const bytes = weightsOf({ 'executor/a': [1, 2], 'executor/c': [1], other: [1] })
    const broken = withWeights(bytes, [
      { name: 'a', shape: [3] },
      { name: 'b', shape: [1] },
      { name: 'c', shape: [1] },
    ])
    expect(problemsOf(broken, bytes).map(({ path, expected, got }) => [path, expected, got])).toEqual([
      ['weights executor/a', '[3]', '[2]'],
      ['weights executor/b', '[1]', 'nothing'],
      ['weights other', 'nothing', '[1]'],
    ])
  })

  it('refuses weights that are not finite', () => {
    const bytes = weightsOf({ 'executor/a': [1, Number.NaN] })
    expect(problemsOf(withWeights(bytes, [{ name: 'a', shape: [2] }]), bytes)).toMatchObject([
      { path: 'executor/a[1]', got: 'NaN' },
    ])
  })

  it('refuses foreign headers, with the path of each fault', () => {
    expect(problemsOf(null)[0]).toMatchObject({ path: '(top)' })
    const broken = { ...header, schema: 'other/1', kind: 'magic', seed: 1.5, extra: 1, weightsSha256: 'x' }
    const paths = problemsOf(broken).map(({ path }) => path)
    expect(new Set(paths)).toEqual(new Set(['schema', 'kind', 'seed', 'weightsSha256', '(top)']))
  })

  it('wants the names that its head reads', () => {
    expect(problemsOf({ ...header, head: 'joint' })).toMatchObject([{ path: 'featureNames.executor.models' }])
  })
})
