import { describe, expect, it } from 'vitest'
import { aClusterState, aRunRecord } from '../../testing/index.ts'
import { liveViewLines } from './live-view.ts'
import { RunTally } from './run-tally.ts'

const frame = (overrides: Partial<Parameters<typeof liveViewLines>[0]> = {}) => ({
  state: aClusterState({
    models: [
      { model: 'small', replicas: [{ running: 3, slots: 16 }], kvUsage: 0.42, gatewayWaiting: 2 },
      { model: 'large', replicas: [{ isUsable: false }], kvUsage: null },
    ],
  }),
  tally: new RunTally(),
  url: 'http://127.0.0.1:8080',
  ratePerMinute: 100,
  isSimulated: true,
  columns: 120,
  ...overrides,
})

describe('the live view', () => {
  it('shows queue, KV use and on-time share per model, and says that the pool is simulated', () => {
    const tally = new RunTally()
    tally.write(aRunRecord())
    const text = liveViewLines(frame({ tally })).join('\n')
    expect(text).toMatch(/SIMULATED/)
    expect(text).toMatch(/small\s+3\/16\s+0\s+2\s+42 %\s+100 %/)
    expect(text).toMatch(/large\s+down\s+0\s+0\s+-\s+-/)
    expect(text).toMatch(/1 queries, 100 % on time/)
  })

  it('never takes more than ten lines or the columns that there are', () => {
    const models = Array.from({ length: 9 }, (_, index) => ({ model: `m${index}`, gatewayWaiting: index }))
    const lines = liveViewLines(frame({ state: aClusterState({ models }), columns: 40 }))
    expect(lines.length).toBeLessThanOrEqual(10)
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(40)
    expect(lines.join('\n')).toContain('m8')
    expect(lines.join('\n')).toContain('4 more')
  })
})

describe('the tally', () => {
  it('counts late, refused and failed runs apart', () => {
    const tally = new RunTally()
    tally.write(aRunRecord())
    tally.write(aRunRecord({ isOnTime: false }))
    tally.write(aRunRecord({ outcome: 'refused', isOnTime: false }))
    tally.write(aRunRecord({ outcome: 'failed', isOnTime: false }))
    tally.write(aRunRecord({ degraded: ['cut'] }))
    expect(tally.totals()).toMatchObject({ arrived: 5, answered: 3, onTime: 2, degraded: 1, refused: 1, failed: 1 })
    expect(tally.onTimeShare('nobody')).toBeNull()
  })
})
