/** Every simulation here is small: a minute or two of arrivals. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { hearRuns, paperModelIds, simulationOf, smallSetting } from '../../../../test/bench/small-bench.ts'
import { keyedRandom } from '../../../core/index.ts'
import { createArrivals, parseArrivals } from '../../../twin/arrivals/index.ts'
import { planFaults } from '../fault-list.ts'
import { questionOrder } from '../question-order.ts'
import { neverMs } from './query-outcome.ts'
import { mixedBudgetsSeconds, type SimulationInput, simulate } from './simulate.ts'

const single = `single:${paperModelIds[3]}:Flash`
const slowSingle = `single:${paperModelIds[0]}:DeepThink`

/** Instants at which the queries of a simulation arrive, drawn apart from it. */
function instantsOf({ arrivals, ratePerMinute, seed, warmUpMinutes, minutes }: SimulationInput): readonly number[] {
  const instants: number[] = []
  for (const atMs of arrivals({ ratePerMinute, random: keyedRandom(seed, 'arrivals'), startMs: 0 })) {
    if (atMs >= (warmUpMinutes + minutes) * 60_000) break
    instants.push(atMs)
  }
  return instants
}

describe('every method', () => {
  // So few that even a team of five, held to nothing, answers all within the time that it is followed.
  const quiet = { ratePerMinute: 12, warmUpMinutes: 0.5, minutes: 1 }
  const free = ['moa', 'gptswarm', 'masrouter:high', 'least-loaded', `${single}+fcfs+free`]
  const methods = [...free, 'multi-factor', 'inframind', 'greedy-solo+edf', 'mcpp', single]

  it('meets the same questions at the same instants, whatever its budget', async () => {
    const input = simulationOf('moa', quiet)
    const instants = instantsOf(input)
    const order = questionOrder(input.seed, input.questions.length, input.setSizes)
    const met = instants.map((atMs) => [atMs, input.questions[order.next().value]?.id])
    const measured = met.filter(([atMs]) => (atMs as number) >= 30_000)
    expect(measured.length).toBeGreaterThan(5)
    for (const method of methods) {
      const { heard } = await hearRuns(method, { ...quiet, budgetSeconds: free.includes(method) ? null : 100 })
      expect(
        heard.map(({ record, question }) => [record.arrivedAtMs, question.id]),
        method,
      ).toEqual(measured)
    }
  })

  it('is given the same budgets where they are mixed', async () => {
    const mixed = { ...quiet, budgetSeconds: null }
    const budgetsOf = async (method: string) => (await hearRuns(method, mixed)).outcomes.map(({ budgetMs }) => budgetMs)
    const budgets = await budgetsOf('inframind')
    expect(new Set(budgets).size).toBeGreaterThan(2)
    for (const budgetMs of budgets) expect(mixedBudgetsSeconds).toContain(budgetMs / 1000)
    for (const method of ['moa', single]) expect(await budgetsOf(method)).toEqual(budgets)
  })

  it('that is blind to the budget is not told of it', async () => {
    const { heard, outcomes } = await hearRuns('least-loaded', quiet)
    expect(new Set(heard.map(({ record }) => record.budgetMs))).toEqual(new Set([3_600_000]))
    expect(new Set(outcomes.map(({ budgetMs }) => budgetMs))).toEqual(new Set([30_000]))
  })

  it('has all its measured arrivals counted, and none of the warm-up', async () => {
    for (const method of ['moa', 'inframind', single]) {
      const input = simulationOf(method, { ratePerMinute: 200, budgetSeconds: 10 })
      const instants = instantsOf(input)
      const { outcomes, warmUpQueries, heard } = await hearRuns(method, { ratePerMinute: 200, budgetSeconds: 10 })
      const warm = instants.filter((atMs) => atMs < 30_000)
      expect([warmUpQueries, outcomes.length], method).toEqual([warm.length, instants.length - warm.length])
      expect(heard.length).toBeLessThanOrEqual(outcomes.length)
      expect(heard.every(({ record }) => record.arrivedAtMs >= 30_000)).toBe(true)
      const open = outcomes.length - heard.length
      expect(outcomes.filter(({ latencyMs }) => latencyMs === neverMs).length).toBeGreaterThanOrEqual(open)
    }
  })

  it('conserves calls, tokens, plans and time', async () => {
    for (const method of ['inframind', 'moa', 'moa+default+enforced']) {
      const { heard, outcomes, tally, busySeconds } = await hearRuns(method, { budgetSeconds: 20 })
      const total = (of: (record: (typeof heard)[number]['record']) => number) =>
        heard.reduce((sum, { record }) => sum + of(record), 0)
      const { choices } = tally.result()
      const countAll = (counts: Readonly<Record<string, number>>) =>
        Object.values(counts).reduce((sum, count) => sum + count, 0)
      expect(tally.calls).toBe(total(({ calls }) => calls))
      expect(countAll(choices.model)).toBe(tally.calls)
      expect(countAll(choices.strategy)).toBe(tally.calls)
      expect(countAll(choices.topology)).toBe(heard.length)
      expect(tally.outputTokens).toBe(total(({ usage }) => usage.outputTokens))
      expect(outcomes.filter(({ latencyMs }) => latencyMs < neverMs).length).toBe(
        total(({ outcome }) => (outcome === 'answered' ? 1 : 0)),
      )
      expect(busySeconds).toBeGreaterThan(0)
      expect(busySeconds).toBeLessThanOrEqual(paperModelIds.length * 60)
    }
  })
})

describe('the deadline', () => {
  const rush = { ratePerMinute: 200, budgetSeconds: 10, warmUpMinutes: 0.2, minutes: 0.5 }

  it('cuts nothing where a method runs free: answers come when they come', async () => {
    for (const method of ['least-loaded', 'multi-factor', 'inframind+default+free', `${slowSingle}+fcfs+free`]) {
      const { heard, outcomes } = await hearRuns(method, { ...rush, ratePerMinute: 400 })
      const kinds = new Set(heard.flatMap(({ record }) => record.degraded))
      for (const kind of ['cut', 'best-so-far', 'insurance', 'steps-dropped']) expect(kinds, method).not.toContain(kind)
      expect(
        outcomes.some(({ latencyMs, budgetMs }) => latencyMs > budgetMs),
        method,
      ).toBe(true)
    }
  })

  it('holds every answer where it is enforced, and counts those that had none', async () => {
    for (const method of ['moa+default+enforced', 'least-loaded+fcfs+enforced', 'inframind', single]) {
      const { outcomes } = await hearRuns(method, rush)
      for (const { latencyMs, budgetMs } of outcomes)
        if (latencyMs < neverMs) expect(latencyMs, method).toBeLessThanOrEqual(budgetMs)
    }
    const { outcomes, heard } = await hearRuns('moa+default+enforced', { ...rush, ratePerMinute: 600 })
    expect(heard.some(({ record }) => record.outcome === 'failed')).toBe(true)
    expect(outcomes.some(({ latencyMs }) => latencyMs === neverMs)).toBe(true)
  })

  it('brings in fall-backs of ours for our methods alone', async () => {
    const kinds = async (method: string) => {
      const { heard } = await hearRuns(method, { ...rush, budgetSeconds: 4 })
      return heard.flatMap(({ record }) => record.steps.map(({ kind }) => kind))
    }
    expect(await kinds('inframind')).toContain('insurance')
    expect(await kinds('greedy-noinsurance')).not.toContain('insurance')
    expect(await kinds('least-loaded+default+enforced')).not.toContain('insurance')
  })
})

describe('mixed questions', () => {
  it('come from every set about as often', async () => {
    const { heard } = await hearRuns(single, { ratePerMinute: 600, warmUpMinutes: 0 })
    const counts = new Map<string, number>()
    for (const { question } of heard) counts.set(question.dataset, (counts.get(question.dataset) ?? 0) + 1)
    expect([...counts.keys()].sort()).toEqual(['synthetic-choice', 'synthetic-code', 'synthetic-math'])
    // Some 600 draws of 3: mean 200, deviation 12.
    for (const count of counts.values()) expect(Math.abs(count - heard.length / 3)).toBeLessThan(60)
  })
})

describe('arrivals', () => {
  const arrivalsOf = (text: string) => createArrivals(parseArrivals(text))

  it('of a burst end, and are followed to the last one', async () => {
    const burst = { arrivals: arrivalsOf('burst'), ratePerMinute: 2000, warmUpMinutes: 0, minutes: 2 }
    const { outcomes, heard } = await hearRuns('random', burst)
    expect(outcomes).toHaveLength(500)
    expect(Math.max(...heard.map(({ record }) => record.arrivedAtMs))).toBeLessThan(20_000)
  })

  it('of a trace are its own, at the rate asked for', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'inframind-trace-'))
    const file = join(folder, 'trace.csv')
    // Two at once every ten seconds.
    const rows = Array.from({ length: 40 }, (_, index) => new Date(Math.floor(index / 2) * 10_000).toISOString())
    writeFileSync(file, `TIMESTAMP,ContextTokens,GeneratedTokens\n${rows.join(',1,1\n')},1,1\n`)
    const arrivals = arrivalsOf(`trace:${file}`)
    rmSync(folder, { recursive: true })
    const { outcomes, heard } = await hearRuns(single, { arrivals, ratePerMinute: 60, warmUpMinutes: 0, minutes: 1 })
    expect(Math.abs(outcomes.length - 60)).toBeLessThanOrEqual(6)
    const instants = heard.map(({ record }) => record.arrivedAtMs)
    expect(new Set(instants.map((atMs) => Math.round(atMs))).size).toBeLessThanOrEqual(instants.length / 2 + 1)
  })

  it('in rushes are as many on average, and stand in line for longer', async () => {
    const parts = { ratePerMinute: 200, warmUpMinutes: 0, minutes: 2, budgetSeconds: 100 }
    const steady = await hearRuns(single, parts)
    const rushes = await hearRuns(single, { ...parts, arrivals: arrivalsOf('on-off') })
    const slowest = (run: typeof steady) => Math.max(...run.outcomes.map(({ latencyMs }) => latencyMs))
    expect(slowest(rushes)).toBeGreaterThan(slowest(steady))
    expect(rushes.outcomes).toHaveLength(
      instantsOf(simulationOf(single, { ...parts, arrivals: arrivalsOf('on-off') })).length,
    )
  })
})

describe('faults', () => {
  const parts = { warmUpMinutes: 0, minutes: 2, ratePerMinute: 60 }

  it('of one engine leave every query answered by the others', async () => {
    const faults = planFaults(['down'], paperModelIds, 30_000)
    const hit = paperModelIds[1] as string
    const { heard, outcomes } = await hearRuns('inframind', { ...parts, faults })
    expect(outcomes.every(({ latencyMs }) => latencyMs < neverMs)).toBe(true)
    const servedBy = (fromMs: number, toMs: number) =>
      heard.flatMap(({ record }) =>
        record.steps
          .filter((step) => step.outcome === 'done' && step.sentAtMs! >= fromMs && step.sentAtMs! < toMs)
          .map((step) => ('model' in step.choice ? step.choice.model : '')),
      )
    expect(servedBy(0, 30_000)).toContain(hit)
    expect(servedBy(30_000, 90_000)).not.toContain(hit)
    expect(servedBy(95_000, 120_000)).toContain(hit)
  })

  it('of the metrics mislead, and lose nobody', async () => {
    const faults = planFaults(['stale-metrics'], paperModelIds, 20_000)
    const models = async (more: Partial<SimulationInput>) => {
      const { heard, outcomes } = await hearRuns('least-loaded', { ...parts, ratePerMinute: 200, minutes: 1, ...more })
      expect(heard).toHaveLength(outcomes.length)
      return heard.map(({ record }) => record.steps.map(({ choice }) => choice))
    }
    expect(await models({ faults })).not.toEqual(await models({}))
  })
})

describe('both fidelities', () => {
  it('come to the same outcomes', async () => {
    for (const method of ['inframind', 'moa', 'moa+default+enforced']) {
      const parts = { ratePerMinute: 100, warmUpMinutes: 0.2, minutes: 0.5, budgetSeconds: 20 }
      const skipping = await simulate(simulationOf(method, parts))
      const exact = await simulate(simulationOf(method, { ...parts, fidelity: 'iteration-exact' }))
      const sharp = ({ outcomes }: typeof exact) =>
        outcomes.map(({ latencyMs, ...rest }) => ({ ...rest, latencyMs: Number(latencyMs.toFixed(5)) }))
      expect(sharp(exact), method).toEqual(sharp(skipping))
      expect(exact.tally.result().choices).toEqual(skipping.tally.result().choices)
      expect(exact.tally.outputTokens).toBe(skipping.tally.outputTokens)
      expect(exact.busySeconds).toBeCloseTo(skipping.busySeconds, 6)
    }
  })
})

describe('a run', () => {
  it('repeats itself under its seed, and not under another', async () => {
    const of = async (seed: number) => (await simulate(simulationOf('inframind', { seed }))).outcomes
    const first = await of(1)
    expect(await of(1)).toEqual(first)
    expect(await of(2)).not.toEqual(first)
  })

  it('may begin without a warm-up, and have nobody come', async () => {
    const nobody = { ratePerMinute: 0.02, warmUpMinutes: 0, minutes: 0.1 }
    const { outcomes, warmUpQueries } = await simulate(simulationOf('inframind', nobody))
    expect([outcomes, warmUpQueries]).toEqual([[], 0])
  })

  it('asks the test questions alone', async () => {
    const { train, validation } = smallSetting({ datasets: ['mixed'] }).sets.get('mixed')!
    const kept = new Set([...train, ...validation].map(({ id }) => id))
    const { heard } = await hearRuns(single, { ratePerMinute: 600 })
    expect(heard.filter(({ question }) => kept.has(question.id))).toEqual([])
  })
})
