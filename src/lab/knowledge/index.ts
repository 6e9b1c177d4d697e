/** @file What a policy may know beforehand of models and questions: `exact`, `estimated`, `biased`. */
export { mostGraded, pickGraded } from './estimated.ts'
export { type KnowledgeInput, type KnowledgeLevel, knowledgeLevels, priorUnder } from './prior-under.ts'
