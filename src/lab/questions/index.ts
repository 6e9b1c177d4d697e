/** @file Questions to learn from and to be measured by: made up here, or loaded from a folder. */
export { createSyntheticQuestions, type SyntheticOptions } from './create-synthetic-questions.ts'
export { type BenchmarkDataset, benchmarkDatasets, mixedDataset } from './files/data-files.ts'
export { availableDatasets, byQuestionId, type LoadOptions, loadQuestions } from './load-questions.ts'
export {
  type AnswerCheck,
  canSimulate,
  type Level,
  type Question,
  type SyntheticDataset,
  syntheticDatasets,
} from './question.ts'
export { type QuestionSet, type QuestionSetsOptions, questionSets } from './question-sets.ts'
export {
  countParts,
  type PartCounts,
  type PartName,
  partNames,
  type QuestionParts,
  splitQuestions,
} from './split-questions.ts'
