import { afterAll, beforeAll, expect, it, vi } from 'vitest'

/** A platform whose instances cannot be had, as under `ulimit -v`. */
beforeAll(() => {
  vi.resetModules()
  vi.stubGlobal('WebAssembly', {
    validate: () => true,
    Module: class {},
    Instance: class {
      constructor() {
        throw new RangeError('Cannot allocate Wasm memory for new instance')
      }
    },
  })
})
afterAll(() => {
  vi.unstubAllGlobals()
  vi.resetModules()
})

it('networks are computed in plain loops where there is no address space for vector instructions', async () => {
  const { createCandidateScorer } = await import('./candidate-scorer.ts')
  const { candidateScorerShapes } = await import('./candidate-scorer-shapes.ts')
  const { parameterCount } = await import('./tensors.ts')
  const config = { contextSize: 2, candidateSize: 3, hidden: 8 }
  const parameters = new Float32Array(parameterCount(candidateScorerShapes(config))).fill(0.1)
  const scorer = createCandidateScorer(config, parameters)
  const input = { context: Float32Array.of(1, 2), candidates: new Float32Array(6).fill(1), count: 2 }
  const logits = scorer.score({ ...input, base: Float32Array.of(1, 2) })
  expect([...logits].every(Number.isFinite)).toBe(true)
  expect((logits[1] as number) - (logits[0] as number)).toBeCloseTo(Math.exp(0.1), 5)
})
