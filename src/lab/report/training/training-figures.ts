/** @file What a training looks like: what it earned, how its policy narrowed, what the constraint cost, whom it came to choose. */
import type { TrainingLine } from '../../train/index.ts'
import type { Figure } from '../figures/figure.ts'
import type { FigureSpec } from '../figures/render.ts'

/** Epochs that the picture of choices is made of: the last ones. */
const lastEpochs = 20
/** Teams and arms that are drawn; the others are `other`. */
const mostOptions = 8
const panel = { width: 240, height: 150 }

export function trainingFigures(lines: readonly TrainingLine[]): readonly Figure[] {
  return [
    curves('learning', 'What was earned', earned(lines)),
    curves('policy', 'How the policies narrowed and moved', movements(lines)),
    curves('multiplier', 'Price of a broken deadline, by tier of budgets and band of loads', multipliers(lines), true),
    choiceFigure(
      'teams',
      'Teams by load',
      sharesOf(lines, ({ teams }) => teams),
    ),
    choiceFigure(
      'arms',
      'Models and depths by load',
      sharesOf(lines, ({ arms }) => arms),
    ),
    agentsFigure(lines),
  ]
}

interface Point {
  readonly epoch: number
  readonly panel: string
  readonly series: string
  readonly value: number
}

const point = (line: TrainingLine, name: string, series: string, value: number): Point => ({
  epoch: line.epoch + 1,
  panel: name,
  series,
  value,
})

const earned = (lines: readonly TrainingLine[]): readonly Point[] =>
  lines.flatMap((line) => [
    point(line, 'right and in time, %', 'while exploring', 100 * line.correctGoodput),
    ...(line.validation
      ? [point(line, 'right and in time, %', 'validation', 100 * line.validation.correctGoodput)]
      : []),
    point(line, 'in time, %', 'while exploring', 100 * line.onTime),
    point(line, 'latency / budget', 'while exploring', line.meanLatencyRatio),
    point(line, 'congestion charged, points', 'while exploring', 100 * line.meanCharges),
  ])

const movements = (lines: readonly TrainingLine[]): readonly Point[] =>
  lines.flatMap((line) =>
    (['planner', 'executor'] as const).flatMap((level) => [
      point(line, 'entropy, nats', level, line[level].entropy),
      point(line, 'divergence from the base', level, line[level].klToBase),
      point(line, 'share clipped', level, line[level].clipFraction),
      point(line, 'variance that the critic explains', level, line[level].explainedVariance),
    ]),
  )

const multipliers = (lines: readonly TrainingLine[]): readonly Point[] =>
  lines.flatMap((line) => line.bands.map(({ band, multiplier }) => point(line, 'multiplier', band, multiplier)))

function curves(name: string, title: string, values: readonly Point[], isOne = false): Figure {
  const spec = {
    title: { text: title, subtitle: 'simulated, training questions unless said' },
    data: { values: [...values] },
    ...(isOne ? {} : { facet: { field: 'panel', type: 'nominal', title: null, sort: null }, columns: 4 }),
    ...(isOne ? { ...panel, width: 480, ...lineOf } : { spec: { ...panel, ...lineOf } }),
    resolve: { scale: { y: 'independent' } },
  }
  return { name: `training-${name}`, title, spec: spec as unknown as FigureSpec }
}

const lineOf = {
  mark: { type: 'line' },
  encoding: {
    x: { field: 'epoch', type: 'quantitative', title: 'epoch' },
    y: { field: 'value', type: 'quantitative', title: null, scale: { zero: false } },
    color: { field: 'series', type: 'nominal', title: null, sort: null },
  },
}

type Band = TrainingLine['bands'][number]

interface Cell {
  readonly budget: string
  readonly load: string
  readonly option: string
  readonly share: number
}

const placeOf = (band: string) => {
  const [budget = '', load = ''] = band.split(' ')
  return { budget: budget.replace('budget<=', ''), load: load.replace('load<=', '') }
}

/** Bands of the last epochs, weighed by their episodes. */
function bandsOf(lines: readonly TrainingLine[]): ReadonlyMap<string, readonly Band[]> {
  const bands = new Map<string, Band[]>()
  for (const line of lines.slice(-lastEpochs)) {
    for (const band of line.bands) {
      const known = bands.get(band.band)
      if (known) known.push(band)
      else bands.set(band.band, [band])
    }
  }
  return bands
}

function meanOf(bands: readonly Band[], value: (band: Band) => number): number {
  const episodes = bands.reduce((sum, band) => sum + band.episodes, 0)
  return bands.reduce((sum, band) => sum + band.episodes * value(band), 0) / Math.max(1, episodes)
}

function sharesOf(lines: readonly TrainingLine[], of: (band: Band) => Record<string, number>): readonly Cell[] {
  const bands = bandsOf(lines)
  const totals = new Map<string, number>()
  for (const list of bands.values())
    for (const band of list)
      for (const [option, share] of Object.entries(of(band)))
        totals.set(option, (totals.get(option) ?? 0) + band.episodes * share)
  const options = [...totals].sort(([, a], [, b]) => b - a).map(([option]) => option)
  return [...bands].flatMap(([band, list]) =>
    options.slice(0, mostOptions).map((option) => ({
      ...placeOf(band),
      option,
      share: 100 * meanOf(list, (one) => of(one)[option] ?? 0),
    })),
  )
}

const budgetOrder = ['10s', '30s', '100s', 'Infinitys']
const loadOrder = ['0.3', '0.8', 'Infinity']

const axes = {
  x: {
    field: 'load',
    type: 'ordinal',
    sort: loadOrder,
    title: 'load of the pool, up to',
    axis: { labelAngle: 0, grid: false, labelExpr: "datum.label === 'Infinity' ? 'more' : datum.label" },
  },
  y: {
    field: 'budget',
    type: 'ordinal',
    sort: budgetOrder.toReversed(),
    title: 'budget, up to',
    axis: { grid: false, labelExpr: "datum.label === 'Infinitys' ? 'more' : datum.label" },
  },
}

function choiceFigure(name: string, title: string, values: readonly Cell[]): Figure {
  const spec = {
    title: { text: `${title}, %`, subtitle: `simulated, last ${lastEpochs} epochs, while exploring` },
    data: { values: [...values] },
    facet: { field: 'option', type: 'nominal', title: null, sort: null },
    columns: 4,
    spec: {
      width: 200,
      height: 110,
      encoding: axes,
      layer: [
        {
          mark: { type: 'rect' },
          encoding: {
            color: { field: 'share', type: 'quantitative', scale: { scheme: 'blues', domain: [0, 100] }, title: '%' },
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
  }
  return { name: `training-${name}`, title, spec: spec as unknown as FigureSpec }
}

function agentsFigure(lines: readonly TrainingLine[]): Figure {
  const values = [...bandsOf(lines)].map(([band, list]) => ({
    ...placeOf(band),
    agents: meanOf(list, ({ meanAgents }) => meanAgents),
  }))
  const spec = {
    title: {
      text: 'Agents of a team',
      subtitle: `simulated, mean over the last ${lastEpochs} epochs, while exploring`,
    },
    data: { values },
    width: 240,
    height: 130,
    encoding: axes,
    layer: [
      {
        mark: { type: 'rect' },
        encoding: { color: { field: 'agents', type: 'quantitative', scale: { scheme: 'blues' }, title: 'agents' } },
      },
      {
        mark: { type: 'text', fontSize: 11 },
        encoding: { text: { field: 'agents', type: 'quantitative', format: '.2f' } },
      },
    ],
  }
  return { name: 'training-agents', title: 'Agents by load and budget', spec: spec as unknown as FigureSpec }
}
