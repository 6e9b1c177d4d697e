import { describe, expect, it } from 'vitest'
import { aMachine, createRig, type TimedCall } from '../../../test/simulated-rig.ts'
import type { Fidelity } from './index.ts'

/** A call of a run whose prompts begin with `sharedTokens` tokens of the question. */
const of = (run: string, atMs: number, rest: Partial<TimedCall> = {}): TimedCall => ({
  atMs,
  run,
  sharedTokens: 32,
  promptTokens: 40,
  outputTokens: 1,
  ...rest,
})

describe.each<Fidelity>(['event-skipping', 'iteration-exact'])('the prefix cache, %s', (fidelity) => {
  // A step takes 1 ms and 0.1 ms per prefilled token, so a time to the first token tells the tokens prefilled.
  const machine = aMachine({ slots: 4, kvTokens: 160, blockTokens: 16, k1: 0.1 })
  const ttftOf = async (calls: readonly TimedCall[], prefixCache = true) => {
    const rig = createRig({ fidelity, machine, prefixCache })
    const results = await rig.play(calls)
    const ttft = results.map(({ firstTokenAtMs, sentAtMs }) => Number(((firstTokenAtMs ?? 0) - sentAtMs).toFixed(6)))
    return { ttft, statistics: rig.engine.statistics() }
  }

  it('spares the second call of a run the whole blocks of the question, and nobody else', async () => {
    const calls = [of('a', 0), of('a', 100), of('b', 200), of('a', 300, { sharedTokens: 15 })]
    const { ttft, statistics } = await ttftOf(calls)
    expect(ttft).toEqual([5, 1.8, 5, 5])
    expect(statistics).toMatchObject({ cachedTokens: 32, promptTokens: 160, kvBlocksInUse: 0 })
  })

  it('is off unless asked for, and for calls that belong to no run', async () => {
    expect((await ttftOf([of('a', 0), of('a', 100)], false)).ttft).toEqual([5, 5])
    const { run: _none, ...stray } = of('a', 0)
    expect((await ttftOf([stray, { ...stray, atMs: 100 }])).ttft).toEqual([5, 5])
  })

  it('always prefills at least one token', async () => {
    const calls = [of('a', 0, { promptTokens: 32 }), of('a', 100, { promptTokens: 32 })]
    expect((await ttftOf(calls)).ttft).toEqual([4.2, 2.6])
  })

  it('has nothing to give before the first prefill is done', async () => {
    // Two of one run begin in the same step, at 5: both prefill whole, in 1 ms + 8 ms.
    const { ttft, statistics } = await ttftOf([of('z', 0), of('a', 1), of('a', 1), of('a', 20)])
    expect(ttft).toEqual([5, 13, 13, 1.8])
    expect(statistics.cachedTokens).toBe(32)
  })

  it('counts shared blocks once: what would not fit side by side does', async () => {
    // Ten blocks. Alone each holds three, two of them shared: 3 + 1 + 1 + 1 fit, and with one more token each too.
    const calls = [of('a', 0, { outputTokens: 30 }), ...[10, 11, 12].map((atMs) => of('a', atMs, { outputTokens: 8 }))]
    const together = await ttftOf(calls)
    expect(together.statistics).toMatchObject({ peakRunning: 4, preemptions: 0, kvBlocksInUse: 0 })
    expect((await ttftOf(calls, false)).statistics.peakRunning).toBe(3)
  })

  it('gives cached blocks up when others need them, the run longest out of use first', async () => {
    // Two idle runs keep 2 blocks each; a call of 110 tokens takes 7 of the 10 blocks, so one has to go: from `a`.
    const calls = [of('b', 0), of('a', 40), of('b', 80), of('big', 100, { promptTokens: 110, sharedTokens: 0 })]
    const { ttft } = await ttftOf([...calls, of('b', 200), of('a', 250)])
    expect(ttft.slice(4)).toEqual([1.8, 1 + 2.4])
  })

  it('forgets everything when the engine dies', async () => {
    const rig = createRig({ fidelity, machine, prefixCache: true })
    rig.clock.at(50, () => rig.engine.setDown(true))
    rig.clock.at(60, () => rig.engine.setDown(false))
    const [, second] = await rig.play([of('a', 0), of('a', 100)])
    expect(second?.firstTokenAtMs).toBeCloseTo(105, 9)
    expect(rig.engine.statistics().cachedTokens).toBe(0)
  })

  it('serves a preempted call again from what is left of its prefix', async () => {
    const tight = aMachine({ slots: 2, kvTokens: 96, blockTokens: 16, k1: 0.1 })
    const rig = createRig({ fidelity, machine: tight, prefixCache: true })
    const results = await rig.play([
      of('a', 0, { outputTokens: 30 }),
      of('b', 6, { outputTokens: 30, promptTokens: 33 }),
    ])
    expect(results.map(({ usage }) => usage.outputTokens)).toEqual([30, 30])
    expect(rig.engine.statistics()).toMatchObject({ preemptions: 1, kvBlocksInUse: 0, generationTokens: 60 })
    expect(rig.engine.statistics().cachedTokens).toBeGreaterThan(0)
  })
})
