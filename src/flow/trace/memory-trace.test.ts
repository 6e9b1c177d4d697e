import { describe, expect, it } from 'vitest'
import { aRunRecord } from '../../testing/index.ts'
import { fanOut } from './fan-out.ts'
import { createMemoryTrace } from './memory-trace.ts'

const record = (runId: string, calls = 1) => aRunRecord({ runId, calls })
const ids = (trace: ReturnType<typeof createMemoryTrace>) => trace.all().map(({ runId }) => runId)

describe('createMemoryTrace', () => {
  it('has nothing at first', () => {
    const trace = createMemoryTrace({ keep: 3 })
    expect([trace.last(), trace.find('run_1'), trace.all()]).toEqual([undefined, undefined, []])
  })

  it('keeps the newest records in order and forgets the others', () => {
    const trace = createMemoryTrace({ keep: 3 })
    const seen: string[][] = []
    for (const runId of ['1', '2', '3', '4', '5', '6', '7']) {
      trace.write(record(runId))
      expect(trace.last()?.runId).toBe(runId)
      seen.push(ids(trace))
    }
    expect(seen.slice(1, 5)).toEqual([
      ['1', '2'],
      ['1', '2', '3'],
      ['2', '3', '4'],
      ['3', '4', '5'],
    ])
    expect(ids(trace)).toEqual(['5', '6', '7'])
    expect(trace.find('4')).toBeUndefined()
    expect(trace.find('5')?.runId).toBe('5')
  })

  it('finds the latest of a run written twice, also when the earlier one is forgotten', () => {
    const trace = createMemoryTrace({ keep: 2 })
    for (const calls of [1, 2]) trace.write(record('same', calls))
    expect(trace.find('same')?.calls).toBe(2)
    trace.write(record('other'))
    expect(trace.find('same')?.calls).toBe(2)
    trace.write(record('another'))
    expect(trace.find('same')).toBeUndefined()
  })

  it('keeps all without a limit', () => {
    const trace = createMemoryTrace()
    for (let index = 0; index < 1_000; index += 1) trace.write(record(String(index)))
    expect(trace.all()).toHaveLength(1_000)
    expect(trace.last()?.runId).toBe('999')
  })
})

describe('fanOut', () => {
  it('writes to every sink', () => {
    const traces = [createMemoryTrace(), createMemoryTrace()]
    fanOut(traces).write(record('1'))
    expect(traces.map(ids)).toEqual([['1'], ['1']])
  })
})
