/** @file `inframind report OUT`: tables, intervals and figures from what a bench or a training left in its folder. */
import type { Command } from 'commander'
import { defaultMargin, isTraining, writeReport, writeTrainingReport } from '../../lab/report/index.ts'
import { numberFlag, type Output } from '../terminal/index.ts'

interface ReportFlags {
  readonly ours?: string
  readonly against?: readonly string[]
  readonly out?: string
  readonly exact?: string
  readonly margin: number
  readonly partial?: boolean
  readonly json?: boolean
}

const margin = numberFlag({ min: 0, max: 100 })

export function addReportCommand(program: Command, output: Output): void {
  program
    .command('report')
    .description('make report.md and figures from the results of a bench, or from the log of a training')
    .argument('<folder>', 'the --out folder of the bench or the training')
    .option('--ours <method>', 'the method that the report speaks for (default: the default stack)')
    .option('--against <method...>', 'methods to compare with (default: all but ablations of ours)')
    .option('--out <dir>', 'where the report goes (default: into the folder of the results)')
    .option('--exact <folder>', 'the same bench with --know exact: shows what prediction costs')
    .option('--margin <points>', 'worse by less than this counts as not worse', margin, 100 * defaultMargin)
    .option('--partial', 'report on what is there where a bench was interrupted')
    .option('--json', 'print the numbers of the comparison')
    .action((folder: string, flags: ReportFlags) => report(folder, flags, output))
}

async function report(folder: string, flags: ReportFlags, output: Output): Promise<void> {
  const { json, margin: marginPoints, ...options } = flags
  if (isTraining(folder)) {
    const { report: path, figures } = await writeTrainingReport(folder, options.out ?? folder)
    output.line(`wrote ${path} and ${figures.length} figures beside it`)
    return
  }
  const written = await writeReport(folder, { ...options, margin: marginPoints / 100 })
  if (json) output.line(JSON.stringify(written.numbers, null, 2))
  else output.line(`wrote ${written.report} and ${written.figures.length} figures beside it`)
}
