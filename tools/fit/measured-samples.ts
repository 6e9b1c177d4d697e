/** @file The repeated samples of GPT-3.5 and GPT-4 on ten exams, by model, depth and domain. */
import type { StrategyId } from '../../src/core/index.ts'
import { type CsvRow, numberAt, type RepeatedAnswers } from '../../src/lab/calibrate/index.ts'
import type { DataFolder } from './data-folder.ts'

/** `plain`: chain of thought without more; the twin's `null`. */
export type Depth = StrategyId | 'plain'
export const depths: readonly Depth[] = ['Flash', 'Concise', 'plain', 'DeepThink']
export type ExamDomain = 'math' | 'logic' | 'knowledge/reading'
export const examDomains: readonly ExamDomain[] = ['math', 'logic', 'knowledge/reading']
export type MeasuredModel = 'gpt-35-turbo' | 'gpt-4'
export const measuredModels: readonly MeasuredModel[] = ['gpt-35-turbo', 'gpt-4']

const prompts: Readonly<Record<Depth, string>> = {
  Flash: 'baseline',
  Concise: 'concise',
  plain: 'chain_of_thought',
  DeepThink: 'composite',
}

/** Every question was asked this often; the tokens of all of them are summed. */
const samplesPerQuestion = 10
/** As the stated statistics: questions with fewer samples that could be read are left out. */
const fewestSamples = 8

export interface MeasuredCell {
  readonly model: MeasuredModel
  readonly domain: ExamDomain
  readonly depth: Depth
}

export interface MeasuredSamples {
  readonly questions: readonly RepeatedAnswers[]
  /** Mean over all samples, those without a readable answer included. */
  readonly meanTokens: number
}

export function measuredSamples(data: DataFolder, { model, domain, depth }: MeasuredCell): MeasuredSamples {
  const isThis = (row: CsvRow) => row['model'] === model && row['domain'] === domain && row['prompt'] === prompts[depth]
  const rows = data
    .table('strategy_repeat_samples.csv.gz')
    .filter((row) => isThis(row) && numberAt(row, 'n_samples') >= fewestSamples)
  const tokens = rows.map((row) => numberAt(row, 'out_tok') / samplesPerQuestion)
  return {
    questions: rows.map((row) => ({ answers: [...(row['answers'] ?? '')], key: row['correct'] ?? '' })),
    meanTokens: tokens.reduce((sum, value) => sum + value, 0) / tokens.length,
  }
}
