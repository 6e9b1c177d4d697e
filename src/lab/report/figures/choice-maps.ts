/** @file What ours chooses over load and budget: a small heat map for every topology, model and depth. */
import { groupBy } from '../results/group-by.ts'
import type { Cell } from '../results/results.ts'
import { distinct } from '../results/results.ts'
import { budgetText } from '../tables/markdown.ts'
import { columnsFor, type Figure, type FigureInput, subtitleOf } from './figure.ts'

const kinds = [
  { kind: 'topology', name: 'choices-topology', of: 'queries', title: 'Topology chosen' },
  { kind: 'model', name: 'choices-model', of: 'steps', title: 'Model chosen' },
  { kind: 'strategy', name: 'choices-depth', of: 'steps', title: 'Depth chosen' },
] as const

/** Room for the name of a model above the map, px. */
const leastWidth = 200

type Kind = (typeof kinds)[number]

export const choiceMaps = (input: FigureInput): readonly Figure[] => kinds.flatMap((kind) => mapOf(kind, input) ?? [])

interface Share {
  readonly option: string
  readonly rate: number
  readonly budget: string
  readonly share: number
}

function mapOf(kind: Kind, input: FigureInput): Figure | null {
  const cells = input.results.cells.filter(({ dataset }) => dataset === input.dataset)
  const values = withZeros(cells.flatMap((cell) => sharesOf(cell, kind.kind, input.numbers.ours)))
  if (values.length === 0) return null
  const rates = distinct(values.map(({ rate }) => rate))
  const options = optionsByUse(values)
  const budgets = distinct(values.map(({ budget }) => budget))
  return {
    name: kind.name,
    title: `${kind.title} by ${input.numbers.ours}`,
    spec: {
      title: {
        text: `${kind.title} by ${input.numbers.ours}, % of ${kind.of}`,
        subtitle: subtitleOf(input, `${input.dataset} questions`),
      },
      data: { values },
      facet: { field: 'option', type: 'nominal', sort: options, title: null },
      columns: columnsFor(options.length),
      spec: {
        width: Math.max(leastWidth, 42 * rates.length),
        height: 26 * budgets.length,
        encoding: {
          x: {
            field: 'rate',
            type: 'ordinal',
            sort: [...rates],
            title: 'arrivals per minute',
            axis: { labelAngle: 0, grid: false },
          },
          y: { field: 'budget', type: 'ordinal', sort: budgets.toReversed(), title: 'budget', axis: { grid: false } },
        },
        layer: [
          {
            mark: { type: 'rect' },
            encoding: {
              color: {
                field: 'share',
                type: 'quantitative',
                scale: { scheme: 'blues', domain: [0, 100] },
                title: `% of ${kind.of}`,
              },
            },
          },
          {
            mark: { type: 'text', fontSize: 10 },
            encoding: {
              text: { field: 'share', type: 'quantitative', format: '.0f' },
              color: { condition: { test: 'datum.share > 55', value: 'white' }, value: '#333333' },
            },
          },
        ],
      },
    },
  }
}

function sharesOf(cell: Cell, kind: Kind['kind'], method: string): readonly Share[] {
  const counts = new Map<string, number>()
  for (const { run } of cell.byMethod.get(method) ?? []) {
    for (const [option, count] of Object.entries(run.choices[kind])) {
      counts.set(option, (counts.get(option) ?? 0) + count)
    }
  }
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0)
  if (total === 0) return []
  const place = { rate: cell.ratePerMinute, budget: budgetText(cell.budgetSeconds) }
  return [...counts].map(([option, count]) => ({ option, ...place, share: (100 * count) / total }))
}

/** An option that a cell never chose is chosen in 0 % there. */
function withZeros(values: readonly Share[]): readonly Share[] {
  const options = distinct(values.map(({ option }) => option))
  const places = groupBy(values, ({ rate, budget }) => `${rate}|${budget}`)
  return [...places.values()].flatMap((shares) => {
    const { rate, budget } = shares[0] as Share
    return options.map(
      (option) => shares.find((share) => share.option === option) ?? { option, rate, budget, share: 0 },
    )
  })
}

/** The most used first. */
function optionsByUse(values: readonly Share[]): string[] {
  const use = [...groupBy(values, ({ option }) => option)].map(([option, shares]) => ({
    option,
    total: shares.reduce((sum, { share }) => sum + share, 0),
  }))
  return use.toSorted((a, b) => b.total - a.total || a.option.localeCompare(b.option, 'en')).map(({ option }) => option)
}
