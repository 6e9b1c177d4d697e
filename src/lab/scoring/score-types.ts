/** @file What scoring says of a reply, and what it needs to say it. */
import type { CodeRunner } from '../../core/index.ts'

export interface Score {
  /** `unparsed`: no answer could be read from the reply. `error`: the question or the machine, not the reply, is at fault. */
  readonly verdict: 'correct' | 'wrong' | 'unparsed' | 'error'
  /** What was judged, as read from the reply; null: nothing could be read. */
  readonly extracted: string | null
  /** MATH alone: equal to the key as normalised texts. */
  readonly mathStrict?: boolean
  /** MATH alone: equal to the key in value. `verdict` goes by this one. */
  readonly mathEquiv?: boolean
  /** Why, for people: the test that failed, the limit that was reached, what is wrong with the rule. */
  readonly detail?: string
}

export interface ScoringDeps {
  /** Runs programs; null: questions that need it score `error`. */
  readonly runner: CodeRunner | null
  /** Runs a user's own command with `input` on standard input; resolves to its exit code. Absent: `runner` runs it. */
  readonly runCommand?: (command: readonly string[], input: string) => Promise<number>
}

export const unparsed = (detail?: string): Score => ({
  verdict: 'unparsed',
  extracted: null,
  ...(detail === undefined ? {} : { detail }),
})

export const judged = (isRight: boolean, extracted: string, detail?: string): Score => ({
  verdict: isRight ? 'correct' : 'wrong',
  extracted,
  ...(detail === undefined ? {} : { detail }),
})

export const failed = (detail: string, extracted: string | null = null): Score => ({
  verdict: 'error',
  extracted,
  detail,
})
