/** @file `inframind report OUT`: tables, paired intervals and figures from what a bench left in its folder. */
import type { Command } from 'commander'
import { defaultMargin, writeReport } from '../../lab/report/index.ts'
import { numberFlag, type Output } from '../terminal/index.ts'

interface ReportFlags {
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
    .description('make report.md and figures from the results of a bench')
    .argument('<folder>', 'the --out folder of the bench')
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
  const written = await writeReport(folder, { ...options, margin: marginPoints / 100 })
  if (json) output.line(JSON.stringify(written.numbers, null, 2))
  else output.line(`wrote ${written.report} and ${written.figures.length} figures beside it`)
}
