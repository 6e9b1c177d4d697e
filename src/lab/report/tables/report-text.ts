/** @file `report.md`: all tables with what they rest on, and the figures. */
import type { ReportNumbers } from '../numbers/report-numbers.ts'
import { attainmentTable } from './attainment-table.ts'
import { attributionTable, grantedTable } from './attribution-tables.ts'
import { basisLine, kindOf, knownErrorOf } from './basis.ts'
import { bestFixedTable, comparisonTable } from './comparison-tables.ts'
import { code, interval, markdownTable, none } from './markdown.ts'
import { cellTables, costTable, predictionTable, queueTable } from './operation-tables.ts'
import { regretTable } from './regret-table.ts'

/** A figure on disk, relative to the report. */
export interface FigureLink {
  readonly title: string
  readonly file: string
}

/** Same numbers and figures, same text. */
export function reportText(numbers: ReportNumbers, figures: readonly FigureLink[]): string {
  const section = (title: string, body: string | null) =>
    body === null ? [] : [`## ${title}`, '', body, '', basisLine(numbers), '']
  const lines = [
    `# Benchmark report (${kindOf(numbers)})`,
    '',
    introduction(numbers),
    '',
    ...missingNote(numbers),
    ...section(`${numbers.ours} against the others`, comparisonTable(numbers)),
    ...section('Against the best single arm in hindsight', bestFixedTable(numbers)),
    ...section('Answers in time', attainmentTable(numbers)),
    ...section('What each part earns', attributionTable(numbers)),
    ...section('Baselines with our scheduler and the deadline', grantedTable(numbers)),
    ...section('Regret', regretTable(numbers)),
    ...section('Which policy is the default', defaultText(numbers)),
    ...section('Cost of a correct on-time answer', costTable(numbers)),
    ...section('Queue balance', queueTable(numbers)),
    ...section('Prediction error', predictionTable(numbers)),
    ...figureLines(figures),
    ...cellTables(numbers).flatMap(({ dataset, table }) => section(`All cells: ${dataset}`, table)),
  ]
  return `${lines.join('\n').trimEnd()}\n`
}

const metricsNote =
  'Correct goodput: correct and on time, per arrival. Strict: on time by a planned, complete, parsed answer. Latencies are left out of unstable cells, where they only measure the length of the run.'

function introduction(numbers: ReportNumbers): string {
  const { meta } = numbers
  if (meta === null) return metricsNote
  const source =
    meta.kind === 'simulated'
      ? `Every figure here is simulated: profile ${code(meta.profile)}, truth ${code(meta.truthHash ?? 'none')}; ${knownErrorOf(numbers)} (docs/twin.md).`
      : 'Every figure here was measured live against a gateway.'
  const questions = Object.entries(meta.questions).map(
    ([set, { train, validation, test }]) => `${set} ${train} / ${validation} / ${test}`,
  )
  return [
    source,
    `Made by ${code(meta.command)} with version ${meta.version} (commit ${meta.commit ?? 'unknown'}); ${loadText(meta)}.`,
    `Methods may know: ${meta.know}. Questions (train / validation / test): ${questions.join('; ') || none}.`,
    metricsNote,
  ].join('\n')
}

/** A burst has neither warm-up nor a length that was asked for. */
const loadText = ({ arrivals, minutes, warmUpMinutes }: NonNullable<ReportNumbers['meta']>): string =>
  arrivals === 'burst'
    ? 'bursts of 500 queries each, without warm-up'
    : `${minutes} min measured after ${warmUpMinutes} min of warm-up, ${arrivals} arrivals`

const mostListed = 50

function missingNote({ missing }: ReportNumbers): readonly string[] {
  if (missing.length === 0) return []
  const more = missing.length > mostListed ? [`- and ${missing.length - mostListed} more`] : []
  return [
    `**Partial: ${missing.length} missing.** The bench did not come to its end; what follows is of what is there.`,
    '',
    ...missing.slice(0, mostListed).map((line) => `- ${line}`),
    ...more,
    '',
  ]
}

function defaultText({ defaultChoice }: ReportNumbers): string {
  const { candidates, why } = defaultChoice
  const said = `Default: ${code(defaultChoice.default)}. ${why}`
  if (candidates.length === 0) return said
  const table = markdownTable(candidates, [
    { head: 'learned', align: 'left', value: ({ comparison }) => code(comparison.method) },
    {
      head: 'less greedy, points',
      value: ({ comparison }) => (comparison.all === null ? none : interval(comparison.all)),
    },
    {
      head: 'won / tied / lost',
      value: ({ comparison: { all } }) => (all === null ? none : `${all.wins} / ${all.ties} / ${all.losses}`),
    },
    { head: 'qualifies', align: 'left', value: ({ qualifies }) => (qualifies ? 'yes' : 'no') },
  ])
  return `${said}\n\n${table}`
}

const figureLines = (figures: readonly FigureLink[]): readonly string[] =>
  figures.length === 0 ? [] : ['## Figures', '', ...figures.flatMap(({ title, file }) => [`![${title}](${file})`, ''])]
