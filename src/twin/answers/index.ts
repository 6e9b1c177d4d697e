/** @file What simulated engines say, and whether it is right. */
export { type AnswerModel, type AnswerModelOptions, createAnswerModel } from './answer-model.ts'
export type { AnswerSource, SimulatedAnswer } from './answer-source.ts'
export { finalLine, type TextStyle } from './answer-text.ts'
export { createQuestionFacts, type QuestionFacts, type Standing } from './question-facts.ts'
export { abilityOf, answerAgain, type OtherAnswers, type PastCall } from './second-luck.ts'
export { type BenchmarkFacts, createBenchmarkFacts, resolveBenchmark } from './truth-tables.ts'
export type { TwinQuestion } from './twin-question.ts'
