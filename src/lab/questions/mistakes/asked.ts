/** @file What likely mistakes are made from, beside the key. */
import type { Random } from '../../../core/index.ts'

export interface Asked {
  /** Text of the problem: its numbers and names make the likeliest mistakes. */
  readonly problem: string
  readonly random: Random
}
