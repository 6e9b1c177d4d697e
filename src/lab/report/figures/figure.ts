/** @file A figure before it is drawn, and what all of them are made from. */
import type { CellRow } from '../numbers/cell-rows.ts'
import type { ReportNumbers } from '../numbers/report-numbers.ts'
import { headlineDataset, type MethodFacts, type Results } from '../results/results.ts'
import { type MethodScale, methodScale } from './palette.ts'
import type { FigureSpec } from './render.ts'

export interface Figure {
  /** File name without its ending. */
  readonly name: string
  readonly title: string
  readonly spec: FigureSpec
}

export interface FigureInput {
  readonly results: Results
  readonly numbers: ReportNumbers
  /** Methods drawn: ours first. */
  readonly methods: readonly MethodFacts[]
  readonly scale: MethodScale
  /** Dataset of the figures that show only one. */
  readonly dataset: string
}

/** More lines than this cannot be told apart. */
const mostMethods = 9

export function createFigureInput(results: Results, numbers: ReportNumbers): FigureInput {
  const names = [numbers.ours, ...numbers.rivals]
  const order = (base: string) => (base === 'best-fixed' ? 0 : 1)
  const methods = names
    .flatMap((name) => results.methods.find((method) => method.name === name) ?? [])
    .toSorted(
      (a, b) => Number(b.name === numbers.ours) - Number(a.name === numbers.ours) || order(a.base) - order(b.base),
    )
    .slice(0, mostMethods)
  return { results, numbers, methods, scale: methodScale(methods), dataset: headlineDataset(results) }
}

/** `simulated, profile paper-b200, know estimated, 5 seeds`, with `more` in front. */
export function subtitleOf({ numbers }: FigureInput, ...more: readonly string[]): string {
  const { meta, seeds } = numbers
  const facts = meta === null ? ['partial results'] : [meta.kind, `profile ${meta.profile}`, `know ${meta.know}`]
  return [...more, ...facts, `${seeds.length} seed${seeds.length === 1 ? '' : 's'}`].join(', ')
}

/** Rows of the methods drawn, on one dataset. */
export const rowsOn = ({ numbers, methods }: FigureInput, dataset: string): readonly CellRow[] =>
  numbers.cells.filter((row) => row.dataset === dataset && methods.some(({ name }) => name === row.method))

/** Colour and dash by method, in one legend. */
export const byMethod = ({ scale }: FigureInput) => ({
  color: {
    field: 'method',
    type: 'nominal' as const,
    title: 'method',
    scale: { domain: [...scale.domain], range: [...scale.colours] },
  },
  strokeDash: {
    field: 'method',
    type: 'nominal' as const,
    title: 'method',
    scale: { domain: [...scale.domain], range: scale.dashes.map((dash) => [...dash]) },
  },
})

export const panel = { width: 200, height: 150 }

/** Panels side by side, so that no row is left half empty where that can be had. */
export const columnsFor = (panels: number): number =>
  panels <= 5 ? panels : ([5, 4, 3].find((columns) => panels % columns === 0) ?? 4)
