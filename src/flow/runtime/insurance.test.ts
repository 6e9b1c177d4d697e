import { describe, expect, it } from 'vitest'
import { type ArmEstimate, ShiftedLogNormal } from '../../core/index.ts'
import { aClusterState, anEstimate, aQuery, ManualClock } from '../../testing/index.ts'
import type { Attempt } from './attempt.ts'
import { defaultRuntimeSettings, type RunContext } from './context.ts'
import { chanceNoneEnds, Insurance, type Insured } from './insurance.ts'
import type { PricedArm } from './time-plan.ts'
import { TokenBucket } from './token-bucket.ts'

interface Scene {
  readonly budgetMs?: number
  /** Mean latency of a model's shallow arms. ms. */
  readonly latencyMs?: Readonly<Record<string, number>>
  readonly quality?: Readonly<Record<string, number>>
  readonly lateChance?: number
  readonly lost?: readonly string[]
  readonly price?: number
  /** Insurance calls that all runs together may still make. Default 1. */
  readonly tokens?: number
}

function play(scene: Scene, change: (state: { latencyMs: Record<string, number> }) => unknown = () => {}) {
  const clock = new ManualClock()
  const live = { latencyMs: { ...(scene.latencyMs ?? { fast: 500 }) } }
  const bought: { call: PricedArm; atMs: number }[] = []
  const help = { isNeeded: true }
  const predict = (arm: ArmEstimate['arm']): ArmEstimate => {
    const mean = live.latencyMs[arm.model] as number
    const latencyMs = ShiftedLogNormal.fromMean(0, mean, 0.05)
    return anEstimate({ arm, latencyMs, serviceMs: mean, quality: scene.quality?.[arm.model] ?? 0.5 })
  }
  const settings = { ...defaultRuntimeSettings, replyMarginMs: 0, insurancePrice: scene.price ?? 0 }
  const bucket = new TokenBucket({ earnedPerUse: 0, capacity: scene.tokens ?? 1 })
  const context = { clock, settings, insurance: bucket, predictor: { predict } } as unknown as RunContext
  const run: Insured = {
    query: aQuery({ budgetMs: scene.budgetMs ?? 5000 }),
    state: () => aClusterState({ models: Object.keys(live.latencyMs).map((model) => ({ model })) }),
    needsHelp: () => help.isNeeded,
    chanceOfLate: () => scene.lateChance ?? 1,
    isLost: (model) => scene.lost?.includes(model) ?? false,
    insure: (call) => void bought.push({ call, atMs: clock.nowMs() }),
  }
  const insurance = new Insurance(context, run)
  insurance.arm()
  change(live)
  return { clock, bought, help, insurance }
}

describe('the insurance call', () => {
  it('is bought at the last instant at which it is surely in time', () => {
    const { clock, bought } = play({ budgetMs: 5000 })
    clock.advanceTo(5000)
    expect(bought).toHaveLength(1)
    // 95 % of the calls take less than some 540 ms; a tenth is kept on top.
    expect(bought[0]?.atMs).toBeGreaterThan(4300)
    expect(bought[0]?.atMs).toBeLessThan(4480)
  })

  it('waits again where the pool got faster, also after half of a long budget', () => {
    const faster = play({ budgetMs: 5000, latencyMs: { fast: 3000 } }, ({ latencyMs }) =>
      Object.assign(latencyMs, { fast: 300 }),
    )
    faster.clock.advanceTo(5000)
    expect(faster.bought[0]?.atMs).toBeGreaterThan(4500)
    const long = play({ budgetMs: 60_000 })
    long.clock.advanceTo(60_000)
    expect(long.bought[0]?.atMs).toBeGreaterThan(59_300)
  })

  it('takes the best answer that is surely in time, and else the fastest', () => {
    const quality = { fast: 0.2, good: 0.6, slow: 0.9 }
    const inTime = play({ latencyMs: { fast: 300, good: 310, slow: 9000 }, quality })
    inTime.clock.advanceTo(5000)
    expect(inTime.bought[0]?.call.estimate.arm.model).toBe('good')
    const tight = play({ budgetMs: 200, latencyMs: { fast: 300, good: 900 }, quality })
    tight.clock.advanceTo(200)
    expect(tight.bought[0]?.call.estimate.arm.model).toBe('fast')
  })

  it('leaves out a model whose call seems to hang, unless there is no other', () => {
    const other = play({ latencyMs: { fast: 300, slow: 900 }, lost: ['fast'] })
    other.clock.advanceTo(5000)
    expect(other.bought[0]?.call.estimate.arm.model).toBe('slow')
    const none = play({ lost: ['fast'] })
    none.clock.advanceTo(5000)
    expect(none.bought).toHaveLength(1)
  })

  it.each([
    ['help is not needed', { needed: false }],
    ['the chance to be late is not worth it', { lateChance: 0.01 }],
    ['its price is higher than its worth', { price: 10 }],
    ['the cap over all runs is reached', { tokens: 0 }],
  ])('is not bought where %s', (_, { needed = true, ...scene }: Scene & { needed?: boolean }) => {
    const { clock, bought, help } = play(scene)
    help.isNeeded = needed
    clock.advanceTo(5000)
    expect(bought).toEqual([])
  })

  it('is not bought once disarmed, and needs no timer where nothing is usable', () => {
    const { clock, bought, insurance } = play({})
    insurance.disarm()
    clock.advanceTo(5000)
    expect(bought).toEqual([])
    const empty = play({ latencyMs: {} })
    expect(empty.clock.pending).toBe(0)
  })
})

describe('the chance that no call ends in time', () => {
  const call = (isOpen: boolean, meanMs: number): Attempt =>
    ({
      isOpen,
      enqueuedAtMs: 0,
      init: { choice: { estimate: anEstimate({ latencyMs: ShiftedLogNormal.fromMean(0, meanMs, 0.5) }) } },
    }) as unknown as Attempt

  it('is that of all open calls together, and 1 where there is none', () => {
    const alone = chanceNoneEnds([call(true, 1000)], 0, 1000)
    expect(alone).toBeGreaterThan(0.3)
    expect(alone).toBeLessThan(0.5)
    expect(chanceNoneEnds([call(true, 1000), call(true, 1000)], 0, 1000)).toBeCloseTo(alone * alone)
    expect(chanceNoneEnds([call(true, 1000), call(false, 10)], 0, 1000)).toBe(alone)
    expect(chanceNoneEnds([call(false, 10)], 0, 1000)).toBe(1)
  })
})
