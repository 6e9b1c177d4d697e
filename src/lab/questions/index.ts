/** @file Questions to learn from and to be measured by. */
export { createSyntheticQuestions, type SyntheticOptions } from './create-synthetic-questions.ts'
export { type Level, type Question, type SyntheticDataset, syntheticDatasets } from './question.ts'
