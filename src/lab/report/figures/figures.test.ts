import { describe, expect, it } from 'vitest'
import { createFakeBench, type FakeBench } from '../../../../test/fake-bench.ts'
import { reportNumbers } from '../numbers/report-numbers.ts'
import { gatherCells } from '../results/gather-cells.ts'
import { drawFigures, planFigures } from './draw-figures.ts'
import { columnsFor, createFigureInput } from './figure.ts'
import { methodScale } from './palette.ts'
import { renderSvg } from './render.ts'

const bench: FakeBench = {
  rates: [10, 100],
  budgets: [10, 30],
  seeds: 2,
  queries: 20,
  methods: [
    { name: 'inframind', accuracy: 0.6 },
    { name: 'moa', scheduler: 'fcfs', enforced: false, accuracy: 0.6, unstableFrom: 100 },
    { name: 'moa+default+enforced', accuracy: 0.6 },
    { name: 'best-fixed', accuracy: 0.5, chosen: 'single:small-8b:Flash' },
    { name: 'greedy-solo', accuracy: 0.5 },
  ],
}

function made(change: Partial<FakeBench> = {}) {
  const results = gatherCells({ folder: 'out', ...createFakeBench({ ...bench, ...change }) })
  return { results, numbers: reportNumbers(results) }
}

const factsNamed = (...names: readonly string[]) =>
  names.map((name) => ({
    name,
    base: name.split('+')[0] as string,
    scheduler: 'default' as const,
    isEnforced: true,
  }))

interface ShareFigure {
  readonly spec: { readonly data: { readonly values: readonly { readonly share: number }[] } }
}

interface BudgetFigure {
  readonly spec: { readonly data: { readonly values: readonly { readonly budget: number }[] } }
}

describe('the figures of a report', () => {
  const { results, numbers } = made()

  it('show load, budget, frontier, queues, choices and prediction', () => {
    expect(planFigures(results, numbers).map(({ name }) => name)).toEqual([
      'load-mixed',
      'accuracy-over-budget',
      'quality-latency',
      'queues-over-time',
      'choices-topology',
      'choices-model',
      'choices-depth',
      'prediction-error',
    ])
  })

  it('draw the same bytes twice, well formed, with titles, units, legends and every method by name', async () => {
    const drawn = await drawFigures(results, numbers)
    expect(await drawFigures(results, numbers)).toEqual(drawn)
    for (const { svg, title, file } of drawn) {
      expect(file).toMatch(/^[\w.-]+\.svg$/)
      expect(svg).toMatch(/^<svg [\s\S]*<\/svg>\n$/)
      expect(svg).not.toMatch(/NaN|undefined|Infinity/)
      expect(svg).toContain(title.split(' by ')[0])
      expect(svg).toContain('simulated, profile made-up')
    }
    const [load] = drawn
    for (const text of [
      'arrivals per minute',
      '% of arrivals',
      'strictly on time',
      'moa+default+enforced',
      'best-fixed',
    ]) {
      expect(load?.svg).toContain(text)
    }
    expect(load?.svg).not.toContain('greedy-solo')
    expect(drawn.find(({ file }) => file === 'accuracy-over-budget.svg')?.svg).toContain('late answers count too')
  })

  it('leave out what there is no data for', () => {
    const few = made({ rates: [30], budgets: [null] })
    const names = planFigures(few.results, few.numbers).map(({ name }) => name)
    expect(names).not.toContain('load-mixed')
    expect(names).not.toContain('accuracy-over-budget')
    expect(names).toContain('queues-over-time')
  })

  it('put ours first and the reference line second', () => {
    expect(createFigureInput(results, numbers).methods.map(({ name }) => name)).toEqual([
      'inframind',
      'best-fixed',
      'moa',
      'moa+default+enforced',
    ])
  })

  it('fill the choices that a cell never made with 0', () => {
    const fresh = made()
    const shares = () => {
      const figure = planFigures(fresh.results, fresh.numbers).find(({ name }) => name === 'choices-topology')
      return (figure as { readonly spec: object } as ShareFigure).spec.data.values
    }
    expect(shares()).toHaveLength(2 * 4)
    const [first] = fresh.results.cells[0]?.byMethod.get('inframind') ?? []
    Object.assign(first?.run.choices.topology ?? {}, { chain: 50 })
    expect(shares()).toHaveLength(3 * 4)
    expect(shares().filter(({ share }) => share === 0)).toHaveLength(3)
  })
})

describe('the frontier', () => {
  it('goes through the budgets in order, drawn ones last', () => {
    const { results, numbers } = made({ budgets: [10, null, 30] })
    const figure = planFigures(results, numbers).find(({ name }) => name === 'quality-latency')
    const { values } = (figure as { readonly spec: object } as BudgetFigure).spec.data
    const places = [...new Set(values.map(({ budget }) => budget))].toSorted((a, b) => a - b)
    expect(places.slice(0, 2)).toEqual([10, 30])
    expect(places).toHaveLength(3)
  })
})

describe('colours', () => {
  it('belong to a method whatever else is shown', () => {
    const alone = methodScale(factsNamed('moa'))
    const among = methodScale(factsNamed('inframind', 'moa', 'random'))
    expect(among.colours[1]).toBe(alone.colours[0])
    expect(new Set(among.colours).size).toBe(3)
  })

  it('are paler, and dashed, for variants of a base', () => {
    const { colours, dashes } = methodScale(factsNamed('moa', 'moa+default+enforced'))
    expect(colours).toEqual(['#d62728', '#e46f70'])
    expect(dashes[0]).not.toEqual(dashes[1])
  })
})

describe('rendering', () => {
  it('throws where Vega would only warn', async () => {
    const spec = {
      data: { values: [{ a: 1 }] },
      mark: 'bar',
      encoding: { x: { field: 'a', type: 'quantitative', scale: { type: 'band' } } },
    } as const
    await expect(renderSvg(spec)).rejects.toThrow(/vega/)
  })

  it('numbers clips and gradients from 0 in every figure', async () => {
    const spec = {
      data: {
        values: [
          { a: 1, b: 2 },
          { a: 2, b: 5 },
        ],
      },
      mark: { type: 'point', clip: true },
      encoding: {
        x: { field: 'a', type: 'quantitative' },
        y: { field: 'b', type: 'quantitative' },
        color: { field: 'b', type: 'quantitative' },
      },
    } as const
    const first = await renderSvg(spec)
    expect(first).toMatch(/clip\w*0|clip1/)
    expect(await renderSvg(spec)).toBe(first)
  })

  it('lays panels out without half-empty rows where it can', () => {
    expect([1, 4, 5, 6, 8, 9, 10, 7].map(columnsFor)).toEqual([1, 4, 5, 3, 4, 3, 5, 4])
  })
})
