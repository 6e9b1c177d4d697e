/**
 * @file `npm run fit -- WHAT [--data FOLDER]`: WHAT is `profiles` (writes profiles/*.json), `report` (writes the tables of
 * docs/twin.md), `all` (prints them) or the name of one table. FOLDER holds the calibration data; without it,
 * `$INFRAMIND_SHARED/data`, else `../shared/data` beside the repository. Same data, same bytes.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { type DataFolder, openDataFolder } from './data-folder.ts'
import { sectionText } from './markdown-table.ts'
import { profileNames, profileText } from './profile-text.ts'
import { placeReport, reportSections } from './report.ts'

// Compiled, this file lies in .fit/tools/fit/.
const root = resolve(import.meta.dirname, '../../..')

function folderOf(args: readonly string[]): string {
  const at = args.indexOf('--data')
  const unknown = args.find((_, index) => at < 0 || (index !== at && index !== at + 1))
  if (unknown !== undefined) throw new Error(`${unknown} is no option; the data folder is named with --data FOLDER`)
  const shared = process.env['INFRAMIND_SHARED'] ?? resolve(root, '../shared')
  const folder = at >= 0 ? resolve(args[at + 1] ?? '') : join(shared, 'data')
  if (existsSync(join(folder, 'twin_truth.json'))) return folder
  throw new Error(`no calibration data in ${folder}: name its folder with --data`)
}

function writeProfiles(data: DataFolder): string {
  for (const name of profileNames) writeFileSync(join(root, 'profiles', `${name}.json`), profileText(data, name))
  return `wrote profiles/{${profileNames.join(',')}}.json`
}

function writeReport(data: DataFolder): string {
  const page = join(root, 'docs/twin.md')
  writeFileSync(page, placeReport(readFileSync(page, 'utf8'), reportSections(data)))
  return 'wrote docs/twin.md'
}

function printSections(data: DataFolder, what: string): string {
  const made = reportSections(data)
  const chosen = made.filter(({ id }) => what === 'all' || id === what)
  if (chosen.length > 0) return chosen.map(sectionText).join('\n\n')
  const names = ['profiles', 'report', 'all', ...made.map(({ id }) => id)]
  throw new Error(`expected one of ${names.join(', ')}; got ${what === '' ? 'nothing' : what}`)
}

function main([what = '', ...rest]: readonly string[]): string {
  const data = openDataFolder(folderOf(rest))
  if (what === 'profiles') return writeProfiles(data)
  if (what === 'report') return writeReport(data)
  return printSections(data, what)
}

try {
  process.stdout.write(`${main(process.argv.slice(2))}\n`)
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`)
  process.exitCode = 2
}
