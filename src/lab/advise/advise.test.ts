import { describe, expect, it } from 'vitest'
import { aMadePool, type MadeModel } from '../../../test/made-pool.ts'
import { paperProfile } from '../../../test/paper-profile.ts'
import { aProfile } from '../../testing/index.ts'
import { adviceSchema } from './advice.ts'
import { adviceText } from './advice-text.ts'
import { type AdviseOptions, advise } from './advise.ts'
import { createTraffic, type Mix, type TrafficOptions, withModels } from './traffic.ts'

interface Asked extends Partial<Omit<AdviseOptions, 'traffic' | 'profile'>> {
  readonly profile?: AdviseOptions['profile']
  readonly rates?: readonly number[]
  readonly mix?: Mix
  readonly datasets?: TrafficOptions['datasets']
}

function optionsFor({ profile = paperProfile(), rates = [60], mix, datasets = null, ...rest }: Asked): AdviseOptions {
  const traffic = createTraffic({
    profile,
    data: null,
    datasets,
    mix: mix ?? null,
    ratesPerMinute: rates,
    budgetsMs: [30_000],
    seed: 1,
  })
  return {
    profile,
    traffic,
    gpus: null,
    gpuMemoryGb: null,
    mostReplicas: 4,
    graded: null,
    simulatedMinutes: null,
    seed: 1,
    ...rest,
  }
}
const adviceFor = (asked: Asked) => advise(optionsFor(asked))

const alike: MadeModel = { accuracy: { math: 0.8, knowledge: 0.8, code: 0.8 } }
const useless: MadeModel = { accuracy: {} }

describe('advice on a pool of two', () => {
  it('drops a model that another one dominates, and says that it can go', async () => {
    const advice = await adviceFor({ profile: aMadePool({ 'good-8b': alike, 'bad-8b': useless }) })
    const of = (model: string) => advice.models.find((each) => each.model === model)!
    expect(of('bad-8b')).toMatchObject({ replicas: 1, oneLess: null })
    expect(of('bad-8b').usedShare).toBeLessThan(0.02)
    expect(of('bad-8b').without).toBeGreaterThan(-0.0005)
    expect(of('good-8b').without).toBeLessThan(-0.5)
    expect(advice.search.configurations[0]?.replicas).toEqual({ 'good-8b': 1 })
    expect(adviceText(advice).join('\n')).toMatch(/could go alone without a loss: bad-8b\./)
    expect(adviceText(advice).join('\n')).toMatch(/1 of 2 GPUs would do/)
  })

  it('puts the replicas where the traffic is short of engines', async () => {
    const profile = aMadePool({
      'sums-8b': { accuracy: { math: 0.9 } },
      'facts-8b': { accuracy: { knowledge: 0.9 } },
    })
    // Four fifths of this are more than one engine can answer, one fifth is not.
    const mix = { math: 0.8, knowledge: 0.2 }
    const advice = await adviceFor({ profile, mix, rates: [3000], gpus: 4, gpuMemoryGb: 40 })
    const [rate] = advice.pool.byRate
    const price = (model: string) => rate!.engines.find((each) => each.model === model)!.perEngine
    expect(price('sums-8b')).toBeGreaterThan(10 * price('facts-8b'))
    expect(rate!.gpus[0]!.perGpu).toBeCloseTo(price('sums-8b'), 9)
    const [sums, facts] = advice.models
    expect(sums!.oneMore).toBeGreaterThan(0.02)
    expect(facts!.oneMore).toBeLessThan(sums!.oneMore / 5)
    const [best] = advice.search.configurations
    expect(best!.replicas['sums-8b']).toBeGreaterThanOrEqual(2)
    expect(best!.replicas['facts-8b']).toBeGreaterThanOrEqual(1)
    expect(best!.replicas['sums-8b']).toBeGreaterThanOrEqual(best!.replicas['facts-8b']!)
    expect(best!.gain).toBeGreaterThan(0.02)
    expect(adviceText(advice).join('\n')).toMatch(/worth most for sums-8b/)
  })

  it('takes no more replicas than allowed, and no model that was not named', async () => {
    const profile = withModels(aMadePool({ 'a-8b': alike, 'b-8b': alike, 'c-8b': alike }), ['a-8b', 'b-8b'])
    const advice = await adviceFor({ profile, rates: [3000], gpus: 4, gpuMemoryGb: 26, mostReplicas: 1 })
    for (const { replicas } of advice.search.configurations) {
      expect(Object.keys(replicas).every((model) => model !== 'c-8b')).toBe(true)
      for (const count of Object.values(replicas)) expect(count).toBe(1)
    }
  })
})

describe('advice on the paper’s pool', () => {
  it('keeps its form, and is the same for the same seed', async () => {
    const asked = { rates: [50, 400], gpus: 2, gpuMemoryGb: 180 } as const
    const advice = await adviceFor(asked)
    expect(adviceSchema.parse(JSON.parse(JSON.stringify(advice)))).toEqual(advice)
    expect(await adviceFor(asked)).toEqual(advice)
    expect(advice.search.isExhaustive).toBe(true)
    expect(advice.pool.goodputWithHeadroom).toBeLessThanOrEqual(advice.pool.goodput)
    expect(advice.pool.goodput).toBeCloseTo((advice.pool.byRate[0]!.goodput + advice.pool.byRate[1]!.goodput) / 2, 12)
    expect(advice.graded).toBeNull()
    expect(advice.basis.note).toMatch(/computed from profile paper-b200, not measured; .*16-26 %/)
  })

  it('takes cheaper steps, or leaves them out, as load grows', async () => {
    const { roles } = await adviceFor({ rates: [10, 1500] })
    expect(roles.map(({ domain }) => domain)).toContain('code')
    for (const { picks } of roles) {
      expect(picks.map(({ load }) => load)).toEqual(['low', 'middle', 'high'])
      // At low load engines are free.
      if (picks[0]!.choice !== null) expect(picks[0]!.choice.price).toBeLessThan(0.002)
    }
    const solved = roles.filter(({ step, importance }) => step === 'solve' && importance === 'critical')
    const sum = (at: number) => solved.reduce((total, { picks }) => total + (picks[at]!.choice?.seconds ?? 0), 0)
    expect(sum(2)).toBeLessThan(sum(0))
  })

  it('plays the pool and the best two in the twin where asked, on the same queries', async () => {
    const advice = await adviceFor({ simulatedMinutes: 3, rates: [40], datasets: ['synthetic-math'] })
    const { simulated } = advice.pool
    expect(simulated).toMatchObject({ gain: null, gainMargin: null, queries: 120 })
    // The fluid value is an upper line, give or take the luck of 120 questions.
    expect(simulated!.goodput).toBeLessThan(advice.pool.goodput + simulated!.margin)
    for (const { simulated: played } of advice.search.configurations.slice(0, 2)) {
      expect(played!.queries).toBe(120)
      expect(played!.gain).toBeCloseTo(played!.goodput - simulated!.goodput, 12)
    }
    expect(advice.search.configurations[2]?.simulated ?? null).toBeNull()
    expect(adviceText(advice).join('\n')).toMatch(/In the twin, queues and all/)
  })
})

describe('what cannot be advised on', () => {
  it.each<[string, () => Promise<unknown>, RegExp]>([
    ['a profile without truth', () => advise({ ...optionsFor({}), profile: aProfile(['a-8b']) }), /truth: expected/],
    ['no GPU that holds any model', () => adviceFor({ gpuMemoryGb: 4 }), /room for the smallest of the models \(\d/],
    [
      'a model whose memory nobody knows',
      () => adviceFor({ profile: aMadePool({ nameless: alike }) }),
      /models\.nameless\.memory: expected weightBytes/,
    ],
  ])('%s is refused, with what to do', async (_, ask, says) => {
    await expect(ask).rejects.toThrow(says)
    await expect(ask).rejects.toThrow(/CONFIG_INVALID/)
  })

  it('a model that the profile lacks is refused with the nearest name', () => {
    expect(() => withModels(paperProfile(), ['Lama-3.2-3B-Instruct'])).toThrow(
      /Did you mean "Llama-3\.2-3B-Instruct"\?/,
    )
    expect(() => withModels(paperProfile(), [])).toThrow(/at least one/)
  })

  it('a domain without questions is refused', () => {
    expect(() => optionsFor({ datasets: ['synthetic-math'], mix: { code: 1 } })).toThrow(/--mix code.*math alone/s)
  })
})

describe('the traffic', () => {
  it('has as many questions of a domain as its share, none of them a test question', () => {
    const { questions, mix } = optionsFor({ mix: { math: 3, code: 1 } }).traffic
    const count = (format: string) => questions.filter((question) => question.format === format).length
    expect(mix).toEqual({ math: 0.75, code: 0.25 })
    expect([count('number'), count('code'), count('choice')]).toEqual([270, 90, 0])
  })
})
