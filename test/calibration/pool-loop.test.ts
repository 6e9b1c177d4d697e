/**
 * @file The whole loop in virtual time: a pool that is not what its profile says is measured, calibrated, and its fitted
 * twin is held against traffic that nothing was fitted to.
 */
import { beforeAll, describe, expect, it } from 'vitest'
import { mean, parseProfile, quantileSorted } from '../../src/core/index.ts'
import { type Calibration, calibratePool, type PoolCall, reportOf, reportText } from '../../src/lab/calibrate/index.ts'
import { createSyntheticQuestions, syntheticDatasets } from '../../src/lab/questions/index.ts'
import { paperProfile } from '../paper-profile.ts'
import { type CollectedTraffic, collectTraffic, openTraffic } from './collected-traffic.ts'
import { hide } from './hidden-pool.ts'

const base = paperProfile()
const hidden = hide(base)
const models = Object.keys(base.models)
const questions = syntheticDatasets.flatMap((dataset) => createSyntheticQuestions({ dataset, count: 400, seed: 3 }))

let calibration: Calibration
let fresh: {
  readonly measured: CollectedTraffic
  readonly fitted: CollectedTraffic
  readonly asPublished: CollectedTraffic
}

/** The same open traffic on a pool: same questions, same instants. */
const play = (profile: typeof base) => openTraffic({ profile, questions, seed: 77 }, { ratePerMinute: 12, count: 500 })

beforeAll(async () => {
  const measured = await collectTraffic({ profile: hidden, questions, seed: 5 }, 80)
  calibration = await calibratePool(
    { ...measured, samples: [], warnings: [] },
    { base, id: 'mine', gpus: null, seed: 1, replays: 40 },
  )
  fresh = {
    measured: await play(hidden),
    fitted: await play(calibration.profile),
    asPublished: await play(base),
  }
}, 60_000)

const percentile = (calls: readonly PoolCall[], p: number, msOf: (call: PoolCall) => number) =>
  quantileSorted(
    calls.map(msOf).sort((a, b) => a - b),
    p,
  )
const e2e = (call: PoolCall) => call.finishedAtMs - call.sentAtMs
const ttft = (call: PoolCall) => call.firstTokenAtMs! - call.sentAtMs

describe('calibration of a hidden pool', () => {
  it('finds step times, sharing and capacity again', () => {
    for (const model of models) {
      const [real, found] = [hidden.models[model]!, calibration.profile.models[model]!]
      const stepMs = (machine: typeof real) => machine.step.value.decodeC0 + machine.host.value
      expect(Math.abs(stepMs(found) / stepMs(real) - 1)).toBeLessThan(0.03)
      expect(Math.abs(found.kvTokens.value / real.kvTokens.value - 1)).toBeLessThan(0.05)
      expect(found.slots).toMatchObject({ value: 16, tag: 'fitted' })
    }
    expect(calibration.profile.colocationEta.value).toBeCloseTo(hidden.colocationEta.value, 1)
    expect(Math.abs(calibration.profile.apiOverheadMs.value - hidden.apiOverheadMs.value)).toBeLessThan(3)
  })

  it.each(models)('repeats fresh traffic of %s: p50 within 10 %, p95 within 15 %', (model) => {
    for (const msOf of [e2e, ttft]) {
      const at = (traffic: CollectedTraffic, p: number) =>
        percentile(
          traffic.calls.filter((call) => call.model === model),
          p,
          msOf,
        )
      const off = (p: number) => Math.abs(at(fresh.fitted, p) / at(fresh.measured, p) - 1)
      expect(off(0.5)).toBeLessThan(0.1)
      expect(off(0.95)).toBeLessThan(0.15)
    }
  })

  it('is far nearer than the profile that it began with', () => {
    const meanOff = ({ calls }: CollectedTraffic) =>
      mean(calls.map((call, index) => Math.abs(Math.log(e2e(call) / e2e(fresh.measured.calls[index]!)))))
    expect(meanOff(fresh.fitted)).toBeLessThan(0.5 * meanOff(fresh.asPublished))
  })

  it('says how far it is from the held-out calls: small log-errors with the tokens as written, and honest coverage', () => {
    const [all] = calibration.heldOut
    expect(all).toMatchObject({ model: null, level: null })
    for (const part of [all!.e2e, all!.ttft]) {
      expect(Math.abs(part.logBias)).toBeLessThan(0.05)
      expect(part.coverage).toBeGreaterThan(0.8)
    }
    const idle = calibration.heldOut.find(({ model, level }) => model === null && level === 1)!
    expect(idle.e2e.logSpread).toBeLessThan(0.03)
    expect(Math.abs(idle.ttft.p50.error)).toBeLessThan(0.05)
  })

  it('knows who is right how often', () => {
    const accuracy = ({ graded }: CollectedTraffic, model: string) => {
      const own = graded.filter((answer) => answer.model === model)
      return own.filter(({ isCorrect }) => isCorrect).length / own.length
    }
    for (const model of models) {
      const [real, found] = [accuracy(fresh.measured, model), accuracy(fresh.fitted, model)]
      expect(Math.abs(found - real)).toBeLessThan(0.07)
    }
  })

  it('gives a profile that parses, tags what it could not see, and says so of every table', () => {
    const profile = parseProfile(JSON.parse(JSON.stringify(calibration.profile)), 'mine')
    expect(profile.models[models[0]!]!.step.tag).toBe('fitted')
    expect(profile.truth!.sigmaB.tag).toBe('assumed')
    expect(profile.truth!.cotAccuracy.tag).toBe('fitted')
    expect(Object.keys(profile.truth!.cotAccuracy.value)).toEqual(expect.arrayContaining([...syntheticDatasets]))
    expect(calibration.warnings).toEqual([])
  })

  it('prints the errors of every model under every level', () => {
    const text = reportText(reportOf(calibration)).join('\n')
    for (const model of models) expect(text).toMatch(new RegExp(`${model}.* 50 .*e2e`))
    expect(text).toContain('coverage of 0.9')
  })
})

describe('calibration from less', () => {
  it('keeps the base’s machine for a model with too few calls, and warns', async () => {
    const { calls } = await collectTraffic({ profile: hidden, questions, seed: 6 }, 12)
    const rare = models[4]!
    const thinned = calls.filter(({ model }, index) => model !== rare || index % 4 === 0)
    const { profile, warnings } = await calibratePool(
      { calls: thinned, graded: [], samples: [], warnings: [] },
      { base, id: 'mine', gpus: null, seed: 1, replays: 0 },
    )
    expect(profile.models[rare]!.step).toMatchObject({ value: base.models[rare]!.step.value, tag: 'assumed' })
    expect(warnings.join('\n')).toMatch(new RegExp(`${rare}: \\d+ calls are too few`))
    expect(warnings).toContain('nothing was graded: quality is assumed throughout')
    expect(profile.prior.models[rare]!.quality.tag).toBe('assumed')
  })

  it('borrows for a model that the base does not know from the one nearest in speed', async () => {
    const { calls, graded } = await collectTraffic({ profile: hidden, questions, seed: 7 }, 12)
    const rename = <T extends { readonly model: string }>(item: T): T => ({ ...item, model: `my-${item.model}` })
    const { profile, warnings } = await calibratePool(
      { calls: calls.map(rename), graded: graded.map(rename), samples: [], warnings: [] },
      { base, id: 'mine', gpus: [models.slice(0, 2).map((model) => `my-${model}`)], seed: 1, replays: 0 },
    )
    expect(Object.keys(profile.models).sort()).toEqual(models.map((model) => `my-${model}`).sort())
    expect(warnings.filter((warning) => warning.includes('unknown to'))).toHaveLength(models.length)
    const fitted = profile.models[`my-${models[0]}`]!
    expect(Math.abs(fitted.step.value.decodeC0 / 21 - 1)).toBeLessThan(0.03)
    expect(profile.gpus.map(({ engines }) => engines.length).sort()).toEqual([1, 1, 1, 2])
  })
})
