/**
 * @file Which sets of questions a folder holds, and in which files.
 *
 * A published set is known by the name of its file or folder, whatever case, dashes and endings: `math500.jsonl.gz`,
 * `gsm8k_test.jsonl`, `sanitized-mbpp.json`, `MATH/test/algebra/1.json`. Where there are several parts the test part
 * counts. Any other `NAME.jsonl` is a user's own set.
 */
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { suggestName } from '../../../core/index.ts'
import { syntheticDatasets } from '../question.ts'
import { dataError } from './data-error.ts'

/** The published sets that can be loaded. */
export const benchmarkDatasets = ['math', 'gsm8k', 'gsm-hard', 'mbpp', 'humaneval', 'mmlu-pro'] as const
export type BenchmarkDataset = (typeof benchmarkDatasets)[number]

/** The name for all published sets of a folder together. */
export const mixedDataset = 'mixed'

/** Names that a user's own file cannot have. */
const reservedDatasets: readonly string[] = [mixedDataset, ...syntheticDatasets]

export interface DataFile {
  readonly path: string
  /** Within the folder, for messages. */
  readonly name: string
}

const names: Readonly<Record<string, BenchmarkDataset>> = {
  math: 'math',
  math500: 'math',
  hendrycksmath: 'math',
  competitionmath: 'math',
  gsm8k: 'gsm8k',
  gsm: 'gsm8k',
  gsmhard: 'gsm-hard',
  gsmhardv2: 'gsm-hard',
  mbpp: 'mbpp',
  humaneval: 'humaneval',
  mmlupro: 'mmlu-pro',
}

const ending = /\.(?:jsonl|json)(?:\.gz)?$/i
const ownEnding = /\.jsonl(?:\.gz)?$/i
/** Words that tell parts, versions and samples apart. */
const sideWord = '(?:test|train|validation|valid|val|dev|all|full|main|sanitized|sample\\d*)'
const side = new RegExp(`^(?:${sideWord}[-_. ])+|(?:[-_. ]${sideWord})+$`, 'g')

/** The published set that a file or folder of this name holds; null: none. */
export function benchmarkNamed(name: string): BenchmarkDataset | null {
  const stem = name.toLowerCase().replace(ending, '').replace(side, '')
  const plain = stem.replace(/[^a-z0-9]/g, '')
  return Object.hasOwn(names, plain) ? (names[plain] as BenchmarkDataset) : null
}

/** Every set that `folder` holds, with its files, by name. Throws ConfigError where there is no such folder. */
export function findDataFiles(folder: string): ReadonlyMap<string, readonly DataFile[]> {
  const found = new Map<string, DataFile[]>()
  for (const name of listFolder(folder)) {
    const path = join(folder, name)
    const held = kindOf(path) === 'folder' ? setInFolder(path, name) : setInFile(path, name)
    if (held !== null) found.set(held.dataset, [...(found.get(held.dataset) ?? []), ...held.files])
  }
  return found
}

interface HeldSet {
  readonly dataset: string
  readonly files: readonly DataFile[]
}

function setInFolder(path: string, name: string): HeldSet | null {
  const dataset = benchmarkNamed(name)
  const files = dataset === null ? [] : filesBelow(path, name)
  return dataset === null || files.length === 0 ? null : { dataset, files }
}

function setInFile(path: string, name: string): HeldSet | null {
  if (kindOf(path) !== 'file' || !ending.test(name)) return null
  const dataset = benchmarkNamed(name) ?? (ownEnding.test(name) ? ownName(name) : null)
  return dataset === null ? null : { dataset, files: [{ path, name }] }
}

function ownName(file: string): string {
  const name = file.replace(ownEnding, '')
  if (!reservedDatasets.includes(name)) return name
  const fix = 'Rename it: this name stands for something else.'
  throw dataError({ path: file, expected: 'a name of its own', got: name, fix })
}

/** The files of one set, the test part where there are several. Throws ConfigError for an unknown set or two of a kind. */
export function dataFilesOf(folder: string, dataset: string): readonly DataFile[] {
  const all = findDataFiles(folder)
  const files = all.get(dataset)
  if (files === undefined) {
    const fix = suggestName(dataset, [...all.keys()])
    throw dataError({ path: '--datasets', expected: `a set of questions in ${folder}`, got: dataset, fix })
  }
  const part = testPart(withoutTwins(files))
  // Files of one folder are pieces of one set; two copies of it side by side would count questions twice.
  const copies = part.filter(({ name }) => !name.includes('/'))
  if (copies.length === 0 || part.length === 1) return part
  throw dataError({
    path: folder,
    expected: `one file for ${dataset}`,
    got: part.map(({ name }) => name).join(', '),
    fix: 'Keep one of them here.',
  })
}

const isTest = ({ name }: DataFile): boolean => /(?:^|[^a-z])test(?:[^a-z]|$)/i.test(name)

function testPart(files: readonly DataFile[]): readonly DataFile[] {
  const tests = files.filter(isTest)
  return tests.length > 0 ? tests : files
}

/** Leaves out the gzipped of two files that are the same but for that. */
const withoutTwins = (files: readonly DataFile[]): readonly DataFile[] =>
  files.filter(({ name }) => !files.some((other) => `${other.name}.gz` === name))

/** A link may lead back up; no release nests deeper. */
const deepest = 4

function filesBelow(folder: string, prefix: string): readonly DataFile[] {
  return listFolder(folder).flatMap((entry) => {
    const [path, name] = [join(folder, entry), `${prefix}/${entry}`]
    const kind = kindOf(path)
    if (kind === 'folder') return name.split('/').length > deepest ? [] : filesBelow(path, name)
    return kind === 'file' && ending.test(entry) ? [{ path, name }] : []
  })
}

/** Names in a folder, sorted; hidden ones left out. */
function listFolder(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
      .filter((name) => !name.startsWith('.'))
      .sort()
  } catch {
    const fix = 'Give the path of a folder with files of questions.'
    throw dataError({ path: '--data', expected: 'a folder', got: folder, fix })
  }
}

function kindOf(path: string): 'file' | 'folder' | null {
  try {
    const found = statSync(path)
    if (found.isDirectory()) return 'folder'
    return found.isFile() ? 'file' : null
  } catch {
    return null
  }
}
