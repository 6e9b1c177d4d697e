/** @file Load of each model over time, a few methods side by side: who leaves machines idle while others choke. */
import type { Cell, MethodFacts } from '../results/results.ts'
import { distinct } from '../results/results.ts'
import { budgetText } from '../tables/markdown.ts'
import { type Figure, type FigureInput, panel, subtitleOf } from './figure.ts'
import { modelColours } from './palette.ts'

const mostPanels = 4
/** Calls with a label on the axis. */
const marks = [0, 1, 3, 10, 30, 100, 300, 1000, 3000, 10_000, 30_000, 100_000]
const preferred: readonly string[] = ['best-fixed', 'least-loaded', 'moa', 'multi-factor']

/** At the highest rate, the middle budget and the first seed. null: nothing was sampled. */
export function queuesFigure(input: FigureInput): Figure | null {
  const cell = busiestCell(input)
  if (cell === undefined) return null
  const shown = chosenMethods(input).filter(({ name }) => cell.byMethod.has(name))
  const values = shown.flatMap(({ name }) => seriesOf(cell, name))
  if (values.length === 0) return null
  const models = distinct(values.map(({ model }) => model))
  const most = values.reduce((highest, { calls }) => Math.max(highest, calls), 0)
  const title = 'Calls running and waiting per model, over time'
  const where = `${cell.dataset}, ${cell.ratePerMinute} per minute, budget ${budgetText(cell.budgetSeconds)}`
  return {
    name: 'queues-over-time',
    title,
    spec: {
      title: { text: title, subtitle: subtitleOf(input, where, `shown: seed ${input.results.seeds[0]}`) },
      data: { values },
      facet: { field: 'method', type: 'nominal', sort: shown.map(({ name }) => name), title: null },
      columns: 2,
      spec: {
        width: 1.6 * panel.width,
        height: panel.height,
        mark: { type: 'line', strokeWidth: 1.2 },
        encoding: {
          x: { field: 'minute', type: 'quantitative', title: 'minutes measured' },
          y: {
            field: 'calls',
            type: 'quantitative',
            scale: { type: 'symlog' },
            axis: { values: marks.filter((mark) => mark <= most), title: 'calls (symlog)' },
          },
          color: {
            field: 'model',
            type: 'nominal',
            title: 'model',
            scale: {
              domain: [...models],
              range: models.map((_, index) => modelColours[index % modelColours.length] as string),
            },
          },
        },
      },
    },
  }
}

function busiestCell({ results, dataset }: FigureInput): Cell | undefined {
  const cells = results.cells.filter((cell) => cell.dataset === dataset)
  const highest = Math.max(...cells.map(({ ratePerMinute }) => ratePerMinute))
  const atHighest = cells.filter(({ ratePerMinute }) => ratePerMinute === highest)
  return atHighest[Math.floor((atHighest.length - 1) / 2)]
}

/** Ours, then those that make the picture, then others. */
function chosenMethods({ methods }: FigureInput): readonly MethodFacts[] {
  const [ours, ...others] = methods
  const rank = ({ base }: MethodFacts) => (preferred.includes(base) ? preferred.indexOf(base) : preferred.length)
  return [...(ours ? [ours] : []), ...others.toSorted((a, b) => rank(a) - rank(b))].slice(0, mostPanels)
}

function seriesOf(cell: Cell, method: string) {
  const queues = cell.byMethod.get(method)?.[0]?.run.queues
  if (queues === undefined) return []
  return Object.entries(queues.models).flatMap(([model, loads]) =>
    loads.map((calls, index) => ({ method, model, minute: (index * queues.everySeconds) / 60, calls })),
  )
}
