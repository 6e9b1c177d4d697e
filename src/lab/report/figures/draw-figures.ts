/** @file All figures of a report, drawn. */
import type { ReportNumbers } from '../numbers/report-numbers.ts'
import type { Results } from '../results/results.ts'
import { choiceMaps } from './choice-maps.ts'
import { createFigureInput, type Figure } from './figure.ts'
import { frontierFigure } from './frontier.ts'
import { overBudgetFigure } from './over-budget.ts'
import { overLoadFigures } from './over-load.ts'
import { predictionFigure } from './prediction-figure.ts'
import { queuesFigure } from './queues-over-time.ts'
import { renderSvg } from './render.ts'

export interface DrawnFigure {
  readonly title: string
  /** `load-mixed.svg`. */
  readonly file: string
  readonly svg: string
}

/** Figures that the results have data for. */
export function planFigures(results: Results, numbers: ReportNumbers): readonly Figure[] {
  const input = createFigureInput(results, numbers)
  return [
    ...overLoadFigures(input),
    overBudgetFigure(input),
    frontierFigure(input),
    queuesFigure(input),
    ...choiceMaps(input),
    predictionFigure(input),
  ].filter((figure) => figure !== null)
}

/** One after the other: Vega counts ids in a place that all its views share. */
export async function drawFigures(results: Results, numbers: ReportNumbers): Promise<readonly DrawnFigure[]> {
  const drawn: DrawnFigure[] = []
  for (const { name, title, spec } of planFigures(results, numbers)) {
    drawn.push({ title, file: `${name.replace(/[^\w.-]+/g, '-')}.svg`, svg: await renderSvg(spec) })
  }
  return drawn
}
