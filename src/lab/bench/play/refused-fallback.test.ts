import { describe, expect, it } from 'vitest'
import { simulationOf } from '../../../../test/bench/small-bench.ts'
import { candidateScorerShapes, parameterCount, planScorerConfig } from '../../../policy/index.ts'
import { simulate } from './simulate.ts'

describe('a learned policy that cannot decide', () => {
  it('ends the simulation: what others decide is not its result', async () => {
    const hidden = 8
    const size = parameterCount(candidateScorerShapes(planScorerConfig(hidden)))
    const input = simulationOf('greedy', { ratePerMinute: 12, warmUpMinutes: 0.5, minutes: 1 })
    const planner = {
      kind: 'learned' as const,
      parameters: new Float32Array(size).fill(Number.NaN),
      hidden,
      temperature: 0.02,
    }
    const { base } = input.method
    const method = { ...input.method, base: { ...base, policy: { ...base.policy, planner } } }
    await expect(simulate({ ...input, method })).rejects.toThrow(/the learned planner could not decide \(logits\)/)
  })
})
