/**
 * @file How many tokens an answer may take, by strategy and domain.
 *
 * A cap bounds runaway answers; it is not the expected length. It must lie well above what a depth needs, since a cut
 * answer counts as wrong: plain reasoning takes 500 tokens and more on mathematics, terse code 80-150, free-form code
 * 260-520 (calibration, output lengths), and one model in five answers a Flash prompt with reasoning all the same.
 * Models that always think get the whole ceiling at any depth.
 */
import type { Domain, StrategyId } from '../../core/index.ts'

/** No step writes more than this, whatever its strategy. */
export const outputCeilingTokens = 2048

const capTokens: Readonly<Record<StrategyId, Readonly<Record<Domain, number>>>> = {
  Flash: { math: 768, code: 1024, knowledge: 512, general: 1024 },
  Concise: { math: 1280, code: 1536, knowledge: 1024, general: 1536 },
  DeepThink: {
    math: outputCeilingTokens,
    code: outputCeilingTokens,
    knowledge: outputCeilingTokens,
    general: outputCeilingTokens,
  },
}

export interface OutputCapInput {
  readonly strategy: StrategyId
  readonly domain: Domain
  /** The model thinks before it answers even when told not to. */
  readonly isReasoningModel: boolean
}

/** Output cap of a step in tokens, at most `outputCeilingTokens`. A caller's own `max_tokens` is applied on top by the runtime. */
export const outputCapTokens = ({ strategy, domain, isReasoningModel }: OutputCapInput): number =>
  isReasoningModel ? outputCeilingTokens : capTokens[strategy][domain]
