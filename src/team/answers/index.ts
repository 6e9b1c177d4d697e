/** @file Answers: reading them off texts, comparing them, voting. */
export { extractCode } from './code-block.ts'
export { extractAnswer, isComparable } from './extract-answer.ts'
export { withoutThinking } from './thinking.ts'
export * from './vote.ts'
