/** @file `training.md` and its figures from the log of a training: same log, same bytes. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { ConfigError } from '../../../core/index.ts'
import { writeWhole } from '../../bench/results/index.ts'
import type { TrainingLine } from '../../train/index.ts'
import { renderSvg } from '../figures/render.ts'
import { readTraining } from './read-training.ts'
import { trainingFigures } from './training-figures.ts'

export interface WrittenTrainingReport {
  /** Path of `training.md`. */
  readonly report: string
  readonly figures: readonly string[]
}

/** Throws ConfigError: no log in `folder`, a broken one, a folder that takes no files. */
export async function writeTrainingReport(folder: string, out: string): Promise<WrittenTrainingReport> {
  const lines = readTraining(folder)
  const figures: { readonly file: string; readonly title: string; readonly svg: string }[] = []
  // One after the other: Vega counts ids in a place that all its views share.
  for (const { name, title, spec } of trainingFigures(lines))
    figures.push({ file: `${name}.svg`, title, svg: await renderSvg(spec) })
  const report = join(out, 'training.md')
  try {
    mkdirSync(join(out, 'figures'), { recursive: true })
    for (const { file, svg } of figures) writeWhole(join(out, 'figures', file), svg)
    writeWhole(report, textOf(lines, figures))
  } catch (error) {
    if (error instanceof ConfigError) throw error
    const fix = 'Make room, or choose another folder with --out.'
    throw new ConfigError([
      { path: out, expected: 'a folder that can be written to', got: (error as Error).message, fix },
    ])
  }
  return { report, figures: figures.map(({ file }) => join(out, 'figures', file)) }
}

const percent = (share: number): string => (100 * share).toFixed(2)

function textOf(lines: readonly TrainingLine[], figures: readonly { file: string; title: string }[]): string {
  const judged = lines.flatMap(({ epoch, validation }) => (validation ? [{ epoch, ...validation }] : []))
  const best = judged.reduce((top, one) => (one.correctGoodput > top.correctGoodput ? one : top), judged[0] ?? null!)
  const first = lines[0] as TrainingLine
  const rows = judged.map(
    ({ epoch, correctGoodput, onTime }) =>
      `| ${epoch + 1} | ${percent(correctGoodput)} | ${percent(onTime)} |${epoch === best.epoch ? ' kept' : ''} |`,
  )
  return [
    `# Training of \`${first.learner}\``,
    '',
    `${lines.length} epochs; the last had ${lines.at(-1)?.episodes} episodes. Every figure is simulated. How to read them: docs/training.md.`,
    '',
    '| epoch | right and in time on validation, % | in time, % | |',
    '|---|---|---|---|',
    ...rows,
    '',
    ...figures.flatMap(({ title, file }) => [`## ${title}`, '', `![${title}](figures/${file})`, '']),
  ].join('\n')
}
