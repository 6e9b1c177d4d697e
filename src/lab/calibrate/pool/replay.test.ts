/** @file Replays: what was measured on a simulated pool comes out the same under its own profile, open or closed. */
import { describe, expect, it } from 'vitest'
import { loadProfile } from '../../profile-file.ts'
import { holdOut } from './held-out.ts'
import type { PoolCall } from './pool-call.ts'
import { causesOf, replay } from './replay.ts'

const profile = loadProfile('small')
const model = Object.keys(profile.models)[0]!

const aCall = (change: Partial<PoolCall>): PoolCall => ({
  engine: `${model}#1`,
  model,
  strategy: 'Concise',
  domain: 'math',
  level: 1,
  promptTokens: 300,
  outputTokens: 100,
  isCut: false,
  sentAtMs: 0,
  firstTokenAtMs: null,
  finishedAtMs: 1000,
  running: null,
  waiting: null,
  kvUsage: null,
  capTokens: null,
  ...change,
})

describe('causesOf', () => {
  it('finds that a call was sent as another ended, and that the first had no cause', () => {
    const closed = [0, 1, 2, 3].map((index) => aCall({ sentAtMs: 900 * index, finishedAtMs: 900 * index + 895 }))
    // Side by side, so that all is one busy period.
    const beside = aCall({ engine: 'other#1', sentAtMs: 0, finishedAtMs: 5000 })
    const causes = causesOf([closed[0]!, beside, ...closed.slice(1)])
    expect(causes).toEqual(
      [null, null, { index: 0, lagMs: 5 }, { index: 2, lagMs: 5 }, { index: 3, lagMs: 5 }].slice(0, 5),
    )
  })

  it('leaves open traffic its instants', () => {
    const open = [0, 310, 620, 930].map((sentAtMs) => aCall({ sentAtMs, finishedAtMs: sentAtMs + 1000 }))
    expect(causesOf(open)).toEqual([null, null, null, null])
  })
})

describe('replay', () => {
  it('takes what the profile says: API overhead, a prefill, a step for every further token', async () => {
    const [replayed] = await replay([aCall({})], { profile, causes: [null] })
    const { decodeC0, decodeC3, b0, w0, k1, k3, k4 } = profile.models[model]!.step.value
    const host = profile.models[model]!.host.value
    const prefillMs = b0 + host + (w0 ** 4 + (k1 * 300) ** 4) ** 0.25 + k4 * 300 ** 2
    expect(k3).toBeGreaterThan(0)
    expect(replayed!.ttftMs).toBeCloseTo(profile.apiOverheadMs.value + prefillMs, 6)
    const context = Array.from({ length: 99 }, (_, step) => 301 + step).reduce((sum, tokens) => sum + tokens, 0)
    expect(replayed!.e2eMs! - replayed!.ttftMs!).toBeCloseTo(99 * (decodeC0 + host) + decodeC3 * context, 6)
  })

  it('sends a caused call when its cause ends in the simulation, however long that takes', async () => {
    const calls = [aCall({ outputTokens: 4000, finishedAtMs: 1000 }), aCall({ sentAtMs: 995, finishedAtMs: 2000 })]
    const alone = (await replay([calls[1]!], { profile, causes: [null] }))[0]!
    const [, caused] = await replay(calls, { profile, causes: [null, { index: 0, lagMs: 5 }] })
    const [, timed] = await replay(calls, { profile, causes: [null, null] })
    expect(caused!.e2eMs).toBeCloseTo(alone.e2eMs!, 6)
    expect(timed!.e2eMs).toBeGreaterThan(alone.e2eMs! + 1)
  })

  it('plays busy periods by themselves: a longer call does not run into the next one', async () => {
    const calls = [aCall({}), aCall({ sentAtMs: 1500, finishedAtMs: 2500 })]
    const [first, second] = await replay(calls, { profile, causes: [null, null], outputTokens: [4000, 100] })
    expect(first!.e2eMs).toBeGreaterThan(1500)
    expect(second).toEqual((await replay([calls[1]!], { profile, causes: [null] }))[0])
  })

  it('says of a call whose prompt does not fit that it has no times', async () => {
    const tooLong = aCall({ promptTokens: 10_000_000 })
    expect(await replay([tooLong], { profile, causes: [null] })).toEqual([{ ttftMs: null, e2eMs: null }])
  })
})

describe('holdOut', () => {
  it('holds out the last fifth of every model under every level, and no background requests', () => {
    const calls = [1, 10].flatMap((level) =>
      Array.from({ length: 10 }, (_, index) => aCall({ level, sentAtMs: 1000 * index, isBackground: index === 9 })),
    )
    const held = holdOut(calls).flatMap((isHeldOut, index) => (isHeldOut ? [index] : []))
    expect(held).toEqual([8, 18])
  })
})
