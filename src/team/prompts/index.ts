/** @file What an agent is told, and reading it back. */
export { type ComposeInput, composeMessages } from './compose-messages.ts'
export { type EstimateInput, estimateStepPromptTokens } from './estimate-prompt.ts'
export { type MeaningInput, meaningOf } from './meaning-of.ts'
export type { StepInput } from './notes.ts'
export { readMeaning } from './read-meaning.ts'
