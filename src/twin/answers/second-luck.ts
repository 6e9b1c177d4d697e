/**
 * @file A call that was made, answered once more with other luck: what else it might have said, in the same words' length.
 *
 * Whether the instruction was followed, and how long the answer was, stay as they were; only right or wrong, and which
 * mistake, are drawn anew. So everything that happened for the sake of time would have happened all the same.
 */
import { keyedRandom, type ModelId, type ProfileTruth, type StepKind, type StrategyId } from '../../core/index.ts'
import { drawLuck } from './luck.ts'
import type { QuestionFacts } from './question-facts.ts'
import { decideAnswer, type Verdict } from './verdict.ts'

export interface PastCall {
  /** `run/step/attempt`, as the engine heard it. */
  readonly id: string
  readonly model: ModelId
  readonly strategy: StrategyId
  readonly kind: StepKind
}

export interface OtherAnswers {
  /** Bare answers that the call would have read, and whose they are. */
  readonly answers: readonly string[]
  readonly models: readonly ModelId[]
}

/** P(right) of a fresh answer of this call, given whether it followed its instruction. `seed`: the run's. */
export function abilityOf(facts: QuestionFacts, { id, model, strategy }: PastCall, seed: number): number {
  const known = facts.of(model)
  const { complies, ability, plainAbility } = known.at(strategy)
  return drawLuck(id, known.luckSeed ^ seed).complies >= complies ? plainAbility : ability
}

/** What `call` says under the luck named `salt`. */
export function answerAgain(
  facts: QuestionFacts,
  call: PastCall,
  terms: {
    readonly truth: ProfileTruth
    /** As `abilityOf` gives it. */
    readonly ability: number
    readonly inputs: OtherAnswers
    readonly seed: number
    readonly salt: string
  },
): Verdict {
  const { truth, ability, inputs, seed, salt } = terms
  const random = keyedRandom(facts.of(call.model).luckSeed ^ seed, `${call.id}|${salt}`)
  const luck = { right: random.uniform(), wrong: random.uniform() }
  const meaning = {
    questionText: facts.question.text,
    strategy: call.strategy,
    kind: call.kind,
    role: null,
    inputs: inputs.answers,
    inputModels: inputs.models,
  }
  return decideAnswer({ facts, meaning, ability, luck }, truth)
}
