/**
 * @file The sets of a run by name, each in its parts: loaded from a folder, made up, or all together as `mixed`.
 *
 * `mixed` has the published sets of the folder as members (without a folder the synthetic ones). Sets differ in size, so
 * shares are equal only if the member is drawn first, and then the question within it.
 */
import { suggestName } from '../../core/index.ts'
import { createSyntheticQuestions } from './create-synthetic-questions.ts'
import { dataError } from './files/data-error.ts'
import { benchmarkDatasets, mixedDataset } from './files/data-files.ts'
import { availableDatasets, loadQuestions } from './load-questions.ts'
import { type Question, type SyntheticDataset, syntheticDatasets } from './question.ts'
import { type PartName, type QuestionParts, splitQuestions } from './split-questions.ts'

export interface QuestionSet extends QuestionParts {
  readonly dataset: string
  /** The sets that `mixed` is made of, in a fixed order; of any other set itself alone. */
  readonly members: readonly QuestionParts[]
}

export interface QuestionSetsOptions {
  /** Where published and own sets lie; null: synthetic sets only. */
  readonly folder: string | null
  readonly datasets: readonly string[]
  /** Of the synthetic questions. */
  readonly seed: number
  /** Questions of each synthetic set. Default 600. */
  readonly syntheticCount?: number
}

const defaultSyntheticCount = 600

/** The asked sets by name. Throws ConfigError for an unknown name or broken data. */
export function questionSets(options: QuestionSetsOptions): ReadonlyMap<string, QuestionSet> {
  const available = options.folder === null ? [] : availableDatasets(options.folder)
  const published = benchmarkDatasets.filter((dataset) => available.includes(dataset))
  const mixed: readonly string[] = options.folder === null ? syntheticDatasets : published
  const known = [...available, ...syntheticDatasets, ...(mixed.length > 0 ? [mixedDataset] : [])]
  for (const dataset of options.datasets) {
    if (!known.includes(dataset)) throw unknownDataset(dataset, known)
  }
  const sets = new Map<string, QuestionSet>()
  const setOf = (dataset: string): QuestionSet => {
    const set = sets.get(dataset) ?? singleSet(dataset, questionsOf(dataset, options))
    sets.set(dataset, set)
    return set
  }
  return new Map(
    options.datasets.map((dataset) => [dataset, dataset === mixedDataset ? joined(mixed.map(setOf)) : setOf(dataset)]),
  )
}

function questionsOf(dataset: string, options: QuestionSetsOptions): readonly Question[] {
  const { folder, seed, syntheticCount = defaultSyntheticCount } = options
  const synthetic = syntheticDatasets.find((known) => known === dataset)
  if (synthetic !== undefined) return syntheticQuestions(synthetic, syntheticCount, seed)
  return loadQuestions({ folder: folder as string, dataset })
}

const syntheticQuestions = (dataset: SyntheticDataset, count: number, seed: number) =>
  createSyntheticQuestions({ dataset, count, seed })

function singleSet(dataset: string, questions: readonly Question[]): QuestionSet {
  const parts = splitQuestions(questions)
  return { dataset, ...parts, members: [parts] }
}

function joined(sets: readonly QuestionSet[]): QuestionSet {
  const all = (part: PartName) => sets.flatMap((set) => set[part])
  return {
    dataset: mixedDataset,
    train: all('train'),
    validation: all('validation'),
    test: all('test'),
    members: sets,
  }
}

function unknownDataset(dataset: string, known: readonly string[]) {
  const fix = suggestName(dataset, known)
  return dataError({ path: '--datasets', expected: 'a set of questions', got: dataset, fix })
}
