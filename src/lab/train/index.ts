/** @file Learning in the twin: policies, from options to files. */
export { checkTrainOptions } from './check-options.ts'
export { defaultJudgeGrid, type JudgedCell, type Judgement } from './judge.ts'
export { fitDual } from './learners/dual/index.ts'
export { type LearnerName, recipes } from './learners/index.ts'
export { defaultScenarios } from './scenarios/index.ts'
export { type Trained, type TrainOptions, type TrainProgress, type TrainTerms, train } from './train.ts'
export { type TrainingLine, trainingLineSchema } from './training-log.ts'
export { writePolicy } from './write-policy.ts'
