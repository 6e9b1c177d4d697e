import { describe, expect, it } from 'vitest'
import { aGateway } from '../../../test/gateway-fakes.ts'
import { get } from '../../../test/gateway-requests.ts'
import type { PolicyStatus } from './ports.ts'

const pageOf = async (policy?: () => PolicyStatus) => {
  const { gateway } = await aGateway(undefined, policy ? { policy } : {})
  const read = async () => (await gateway.inject(get('/metrics'))).body.split('\n')
  return { read, close: () => gateway.close({ drainMs: 0 }) }
}
const valuesOf = (lines: readonly string[]) => lines.filter((line) => /^inframind_policy/.test(line)).sort()

describe('what /metrics says of the policies', () => {
  it('is who serves, and how often they were left out or compared', async () => {
    const status = {
      planner: 'learned',
      executor: 'slack-greedy',
      hash: 'inframind-1',
      fallbacks: [{ level: 'planner', reason: 'logits', count: 3 }],
      comparisons: [
        { level: 'executor', outcome: 'same', count: 5 },
        { level: 'executor', outcome: 'different', count: 2 },
      ],
      reloads: [{ outcome: 'applied', count: 1 }],
    }
    let now: PolicyStatus = status
    const { read, close } = await pageOf(() => now)
    const expected = [
      'inframind_policy_fallbacks_total{level="planner",reason="logits"} 3',
      'inframind_policy_info{planner="learned",executor="slack-greedy",hash="inframind-1"} 1',
      'inframind_policy_reloads_total{outcome="applied"} 1',
      'inframind_policy_shadow_total{level="executor",outcome="different"} 2',
      'inframind_policy_shadow_total{level="executor",outcome="same"} 5',
    ]
    expect(valuesOf(await read())).toEqual(expected)
    expect(valuesOf(await read())).toEqual(expected)
    now = { ...status, hash: 'inframind-2', fallbacks: [{ level: 'planner', reason: 'logits', count: 4 }] }
    const next = valuesOf(await read())
    expect(next[0]).toMatch(/ 4$/)
    expect(next.filter((line) => line.includes('policy_info'))).toEqual([expected[1]?.replace('-1', '-2')])
    await close()
  })

  it('is nothing where nobody tells', async () => {
    const { read, close } = await pageOf()
    expect(valuesOf(await read())).toEqual([])
    await close()
  })
})
