/** @file The report of a training, from its log. */
export { isTraining } from './read-training.ts'
export { type WrittenTrainingReport, writeTrainingReport } from './write-training-report.ts'
