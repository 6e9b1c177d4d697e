/**
 * @file Makes `report.md` and `figures/*.svg` from what a bench left in its folder: same input, same bytes.
 *
 * Everything is made before anything is written, so that a fault leaves an older report as it was; each file is written
 * whole or not at all.
 */
import { mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { ConfigError } from '../../core/index.ts'
import { writeWhole } from '../bench/results/index.ts'
import { type DrawnFigure, drawFigures } from './figures/draw-figures.ts'
import { type ReportNumbers, reportNumbers } from './numbers/report-numbers.ts'
import { readResults } from './results/read-results.ts'
import { reportText } from './tables/report-text.ts'

export interface ReportOptions {
  /** The method that the report speaks for. Default: the default stack. */
  readonly ours?: string
  /** Methods to compare with; default: all but ablations of ours. */
  readonly against?: readonly string[]
  /** Where the report goes; default: into the folder of the results. */
  readonly out?: string
  /** Report on what is there where a bench was interrupted. */
  readonly partial?: boolean
  /** Folder of the same bench with `--know exact`: gives the prediction column of the regret table. */
  readonly exact?: string
  /** Non-inferiority margin, fraction of the arrivals; default 0.01. */
  readonly margin?: number
}

export interface WrittenReport {
  readonly numbers: ReportNumbers
  /** Path of `report.md`. */
  readonly report: string
  /** Paths of the figures. */
  readonly figures: readonly string[]
}

/** Throws ConfigError: no results in `folder`, broken or missing ones, an unknown method, a folder that takes no files. */
export async function writeReport(folder: string, options: ReportOptions = {}): Promise<WrittenReport> {
  const results = readResults(folder, { partial: options.partial ?? false })
  const exact = options.exact === undefined ? null : readExact(options.exact)
  const numbers = reportNumbers(results, {
    exact,
    ...(options.ours === undefined ? {} : { ours: options.ours }),
    ...(options.against === undefined ? {} : { against: options.against }),
    ...(options.margin === undefined ? {} : { margin: options.margin }),
  })
  const figures = await drawFigures(results, numbers)
  const text = reportText(
    numbers,
    figures.map(({ title, file }) => ({ title, file: `figures/${file}` })),
  )
  return { numbers, ...writeAll(options.out ?? folder, { text, figures }) }
}

function readExact(folder: string) {
  const exact = readResults(folder)
  if (exact.meta?.know === 'exact') return exact
  throw new ConfigError(
    [
      {
        path: '--exact',
        expected: 'the folder of a bench with --know exact',
        got: `${folder}, made with --know ${exact.meta?.know ?? 'nothing known'}`,
        fix: 'Run the same bench with --know exact into a folder of its own and name that.',
      },
    ],
    'the command line',
  )
}

interface Content {
  readonly text: string
  readonly figures: readonly DrawnFigure[]
}

function writeAll(out: string, { text, figures }: Content): Omit<WrittenReport, 'numbers'> {
  const figuresFolder = join(out, 'figures')
  const report = join(out, 'report.md')
  try {
    mkdirSync(figuresFolder, { recursive: true })
    const paths = figures.map(({ file, svg }) => {
      const path = join(figuresFolder, file)
      writeWhole(path, svg)
      return path
    })
    writeWhole(report, text)
    // Figures of an earlier report on other methods would stand beside the new ones as if they belonged to it.
    const isOlder = (name: string) => name.endsWith('.svg') && figures.every(({ file }) => file !== name)
    for (const name of readdirSync(figuresFolder).filter(isOlder)) rmSync(join(figuresFolder, name))
    return { report, figures: paths }
  } catch (error) {
    if (error instanceof ConfigError) throw error
    const fix = 'Make room, or choose another folder with --out.'
    throw new ConfigError(
      [{ path: out, expected: 'a folder that can be written to', got: (error as Error).message, fix }],
      'the report',
    )
  }
}
