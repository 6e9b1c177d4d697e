/** @file The part of a prompt that others may begin with too, and the blocks that hold it. */

/** The shareable beginning of a prompt. */
export interface PromptPrefix {
  /** The same for all prompts that begin alike. */
  readonly key: string
  /** Whole blocks; at least one token of the prompt lies beyond them. >= 1. */
  readonly blocks: number
}

/** Cached blocks under one key. */
export interface CachedPrefix {
  readonly key: string
  /** Constant while there are users. */
  blocks: number
  users: number
}
