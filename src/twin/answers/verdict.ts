/**
 * @file What one call answers: afresh, after a look at earlier answers, or as the last word over several.
 *
 * - solve: right with the model's ability on the question; a wrong one picks a mistake by its popularity.
 * - revise, review: the answer looked at (the plurality where there are several) stays right with p_keep, or is mended
 *   with p_fix; both lie in the truth's range, at low + (high - low) x own ability. What is not mended stands.
 * - aggregate: no right answer among the inputs: `noneRight` x own ability; plurality (weighted by the accuracy of each
 *   answer's model where that is known) right: `pluralityRight`; else `minorityBase` + `minoritySlope` x own ability.
 *
 * Without inputs every kind solves afresh.
 */
import type { CallMeaning, ModelId, ProfileTruth } from '../../core/index.ts'
import type { QuestionFacts } from './question-facts.ts'
import { readAnswer, sameAnswer } from './read-answer.ts'
import { pickWrong } from './wrong-answers.ts'

/** The uniform draws of a call in [0, 1). Always drawn all, so that none depends on another's outcome. */
export interface Luck {
  readonly right: number
  readonly wrong: number
}

export interface Verdict {
  /** Bare, in the form of the question's key. */
  readonly answer: string
  /** It is what an able model answers. */
  readonly isSolution: boolean
}

export interface Attempt {
  readonly facts: QuestionFacts
  readonly meaning: CallMeaning
  /** P(right) of this model on this question, as it answers this call. */
  readonly ability: number
  readonly luck: Luck
}

/** The answer of `attempt`. */
export function decideAnswer(attempt: Attempt, truth: ProfileTruth): Verdict {
  const { facts, meaning, ability, luck } = attempt
  const seen = meaning.kind === 'solve' ? null : tally(facts, meaning)
  if (seen === null) return luck.right < ability ? solved(facts) : mistaken(attempt)
  const chance =
    meaning.kind === 'aggregate'
      ? aggregateChance(seen, ability, truth.aggregator.value)
      : reviewChance(seen, ability, truth.review.value)
  if (luck.right < chance) return solved(facts)
  return seen.isPluralityRight ? mistaken(attempt) : { answer: seen.plurality, isSolution: false }
}

const solved = (facts: QuestionFacts): Verdict => ({ answer: facts.solution, isSolution: true })

const mistaken = ({ facts, luck }: Attempt): Verdict => ({
  answer: facts.wrong[pickWrong(facts.wrongShares, luck.wrong)] as string,
  isSolution: false,
})

interface Tally {
  /** The answer with most weight; the earlier one on a tie. */
  readonly plurality: string
  readonly isPluralityRight: boolean
  readonly isAnyRight: boolean
}

interface Group {
  readonly answer: string
  weight: number
}

/** Counts the inputs that hold an answer; null: none does. */
function tally(facts: QuestionFacts, { inputs, inputModels }: CallMeaning): Tally | null {
  const { format } = facts.question
  const groups: Group[] = []
  for (const [index, input] of inputs.entries()) {
    const answer = readAnswer(format, input)
    if (answer === null) continue
    const weight = weightOf(facts, inputModels?.[index])
    const group = groups.find((other) => sameAnswer(format, answer, other.answer))
    if (group) group.weight += weight
    else groups.push({ answer, weight })
  }
  const first = groups[0]
  if (!first) return null
  const plurality = groups.reduce((best, group) => (group.weight > best.weight ? group : best), first).answer
  return {
    plurality,
    isPluralityRight: facts.isSolution(plurality),
    isAnyRight: groups.some(({ answer }) => facts.isSolution(answer)),
  }
}

const weightOf = (facts: QuestionFacts, model: ModelId | undefined): number =>
  model === undefined ? 1 : facts.benchmark.cotAccuracy(model)

const between = ([low, high]: readonly [number, number], ability: number): number => low + (high - low) * ability

const reviewChance = (seen: Tally, ability: number, rule: ProfileTruth['review']['value']): number =>
  between(seen.isPluralityRight ? rule.keep : rule.fixWithoutTests, ability)

function aggregateChance(seen: Tally, ability: number, rule: ProfileTruth['aggregator']['value']): number {
  if (!seen.isAnyRight) return rule.noneRight * ability
  if (seen.isPluralityRight) return rule.pluralityRight
  return rule.minorityBase + rule.minoritySlope * ability
}
