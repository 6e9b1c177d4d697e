/**
 * @file Loads a published set of questions, or a user's own, from a local folder.
 *
 * A set is read whole or not at all: any broken record is a ConfigError with file, line and what to do. Of two questions
 * with the same words the first is kept. Order is that of the files.
 */
import { keyedRandom } from '../../core/index.ts'
import { mapCollecting } from './files/data-error.ts'
import { type BenchmarkDataset, benchmarkDatasets, dataFilesOf, findDataFiles } from './files/data-files.ts'
import { readRecords } from './files/read-records.ts'
import type { Draft, ReadDraft } from './formats/draft.ts'
import { readGsm } from './formats/gsm.ts'
import { readHumanEval } from './formats/humaneval.ts'
import { readMath } from './formats/math.ts'
import { readMbpp } from './formats/mbpp.ts'
import { readMmluPro } from './formats/mmlu-pro.ts'
import { readOwn } from './formats/own.ts'
import type { Question } from './question.ts'
import { textHash } from './question-key.ts'
import { difficultiesOf, textScoresOf } from './standardise.ts'

export interface LoadOptions {
  readonly folder: string
  /** As `availableDatasets` names it. */
  readonly dataset: string
}

const readers: Readonly<Record<BenchmarkDataset, ReadDraft>> = {
  math: readMath,
  gsm8k: readGsm,
  'gsm-hard': readGsm,
  mbpp: readMbpp,
  humaneval: readHumanEval,
  'mmlu-pro': readMmluPro,
}

const isBenchmark = (dataset: string): dataset is BenchmarkDataset =>
  benchmarkDatasets.some((known) => known === dataset)

/** Names of the sets in `folder`: published ones in a fixed order, then a user's own by name. Throws ConfigError. */
export function availableDatasets(folder: string): readonly string[] {
  const found = [...findDataFiles(folder).keys()]
  const own = found.filter((dataset) => !isBenchmark(dataset)).sort()
  return [...benchmarkDatasets.filter((dataset) => found.includes(dataset)), ...own]
}

/** The questions of one set. Throws ConfigError for an unknown set, two copies of it, or broken data. */
export function loadQuestions({ folder, dataset }: LoadOptions): readonly Question[] {
  const files = dataFilesOf(folder, dataset)
  const read = isBenchmark(dataset) ? readers[dataset] : readOwn
  const drafts = mapCollecting(files, readRecords).flat()
  const byIdentity = new Map<string, Draft>()
  for (const draft of mapCollecting(drafts, read)) {
    if (!byIdentity.has(draft.identity)) byIdentity.set(draft.identity, draft)
  }
  return toQuestions(dataset, [...byIdentity.values()])
}

/** Part of the frozen set: other mistakes would be other questions. */
const mistakesSeed = 20_261_120

/** The truth that stands for a user's own questions, by form: assumed, as no model was measured on them. */
const truthOfOwn = { number: 'gsm8k', choice: 'mmlu-pro', code: 'mbpp', text: 'mmlu-pro' } as const

function toQuestions(dataset: string, drafts: readonly Draft[]): readonly Question[] {
  const difficulties = difficultiesOf(drafts)
  const textScores = textScoresOf(drafts.map(({ text }) => text))
  return drafts.map(({ identity, rawDifficulty: _, mistakes, ...draft }, index) => {
    const id = `${dataset}-${textHash(identity)}`
    return {
      ...draft,
      id,
      dataset,
      benchmark: isBenchmark(dataset) ? dataset : truthOfOwn[draft.format],
      wrongAnswers: mistakes(keyedRandom(mistakesSeed, id)),
      difficulty: difficulties[index] ?? null,
      textScore: textScores[index] ?? null,
    }
  })
}

/** Questions by id, to find again what a kept reply answered. */
export const byQuestionId = (questions: readonly Question[]): ReadonlyMap<string, Question> =>
  new Map(questions.map((question) => [question.id, question]))
