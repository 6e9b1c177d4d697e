/** @file `inframind calibrate`: a profile of one's own pool from what `collect` or a gateway wrote down of it. */
import { existsSync, statSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import type { Command } from 'commander'
import { ConfigError } from '../../core/index.ts'
import { beginsAnew, writeWhole } from '../../lab/bench/index.ts'
import { calibratePool, readFolder, reportOf, reportText } from '../../lab/calibrate/index.ts'
import { loadProfile } from '../../lab/index.ts'
import { listFlag, numberFlag, type Output } from '../terminal/index.ts'

interface CalibrateFlags {
  readonly calls: string
  readonly out: string
  readonly base: string
  readonly gpus?: readonly string[]
  readonly replays: number
  readonly seed: number
  readonly json?: boolean
}

const wholeFlag = (max: number) => numberFlag({ min: 0, max, whole: true })

export function addCalibrateCommand(program: Command, output: Output): void {
  program
    .command('calibrate')
    .description('fit a profile to measured calls of a pool, and say how well its twin repeats held-out ones')
    .requiredOption('--calls <folder>', 'what collect wrote, or run records of a gateway')
    .requiredOption('--out <file>', 'where the profile goes, for bench, train and serve --profile')
    .option('--base <profile>', 'what is assumed of all that was not measured: a shipped name or a path', 'paper-b200')
    .option('--gpus <list>', 'models that share a GPU, joined by +: a+b,c (default: as in the base)', listFlag)
    .option('--replays <n>', 'replays to refine step times by; 0: regression alone', wholeFlag(10_000), 60)
    .option('--seed <n>', 'seed of draws and bootstraps', wholeFlag(2 ** 31 - 1), 1)
    .option('--json', 'print the report as JSON')
    .action((flags: CalibrateFlags) => calibrate(flags, output))
}

async function calibrate(flags: CalibrateFlags, output: Output): Promise<void> {
  checkOut(flags.out)
  const base = loadProfile(flags.base)
  const measured = readFolder(flags.calls)
  const calibration = await calibratePool(measured, {
    base,
    id: basename(flags.out).replace(/\.json$/, ''),
    gpus: flags.gpus?.map((group) => group.split('+')) ?? null,
    seed: flags.seed,
    replays: flags.replays,
    onProgress: (stage) => output.note(`calibrate: ${stage}`),
  })
  writeWhole(flags.out, `${JSON.stringify(calibration.profile, null, 2)}\n`, { fix: beginsAnew })
  const report = reportOf(calibration)
  if (flags.json) {
    output.line(JSON.stringify(report, null, 2))
    return
  }
  for (const line of reportText(report)) output.line(line)
  output.line(`wrote ${flags.out}: try bench --profile ${flags.out}`)
}

/** Before minutes of work rather than after. */
function checkOut(path: string): void {
  const isFolder = existsSync(path) && statSync(path).isDirectory()
  if (existsSync(dirname(path)) && !isFolder) return
  const fix = isFolder ? 'Name a file in it.' : 'Make the folder first, or name another place.'
  throw new ConfigError(
    [{ path: '--out', expected: 'a file in a folder that exists', got: path, fix }],
    'the command line',
  )
}
