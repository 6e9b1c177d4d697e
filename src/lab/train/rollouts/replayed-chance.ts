/**
 * @file How likely a run was to be right: its calls answered again and again with other luck, all else as it was.
 *
 * What a run does depends on its answers only in so far as they are the same or not (agreement ends it, votes are counted).
 * So a replay counts where the same calls agree as did in the run, and none other: then everything would have happened just
 * so, and the share of right ones among the replays and the run itself has the same mean as the coin, with less spread
 * (Rao-Blackwell). Alike is what the team reads alike: `0.5` and `1/2` are the same to it, and what it could not read agrees
 * with nothing. Programs are never compared: there every replay counts. Cost: 2-3 us a call and replay.
 */
import type { AnswerFormat, ProfileTruth, RunRecord, StepId, StepRecord } from '../../../core/index.ts'
import { type Candidate, toCandidate } from '../../../policy/index.ts'
import { createTopologyBook, isComparable } from '../../../team/index.ts'
import { abilityOf, answerAgain, type PastCall, type QuestionFacts } from '../../../twin/answers/index.ts'

export interface ReplayTerms {
  readonly facts: QuestionFacts
  /** What a team reads out of a call that gives this bare answer; null: nothing that could be compared. `format`: the run's. */
  readonly readingOf: (answer: string, format: AnswerFormat) => string | null
  readonly truth: ProfileTruth
  /** Of the run. */
  readonly seed: number
  readonly isCorrect: boolean
}

/** Replays of a run. */
const replays = 8

/** P(right) of `record`; exact where one fresh call answered. 0 or 1 where nothing can be replayed. */
export function replayedChance(record: RunRecord, terms: ReplayTerms): number {
  const { facts, seed, isCorrect, readingOf } = terms
  const coin = isCorrect ? 1 : 0
  if (record.outcome !== 'answered' || !facts.isLabelUsable) return coin
  const calls = callsOf(record, terms)
  const final = finalCall(record, calls)
  if (final === undefined) return coin
  if (calls.length === 1 && final.past.kind === 'solve') return abilityOf(facts, final.past, seed)
  const { answerFormat } = record.query
  const pattern = isComparable(answerFormat) ? calls.map(({ step }) => step.answer) : null
  const read = (answer: string) => readingOf(answer, answerFormat)
  let right = coin
  let counted = 1
  for (let replay = 0; replay < replays; replay += 1) {
    const again = answerAll(calls, terms, `replay ${replay}`)
    if (pattern !== null && !isSamePattern(pattern, readingsOf(again, read))) continue
    counted += 1
    if (again.get(final)?.isSolution) right += 1
  }
  return right / counted
}

interface Call {
  readonly step: StepRecord
  readonly past: PastCall
  readonly ability: number
  /** Calls whose answers it read. */
  readonly reads: readonly Call[]
}

/** The calls that ended whole, in the order in which they were made. */
function callsOf(record: RunRecord, { facts, seed }: ReplayTerms): readonly Call[] {
  const steps = stepsOf(record)
  const calls: Call[] = []
  for (const step of record.steps) {
    const { choice, outcome, kind } = step
    if (outcome !== 'done' || !('model' in choice)) continue
    const isInsurance = kind === 'insurance'
    const past: PastCall = {
      id: `${record.runId}/${isInsurance ? 'insurance' : step.stepId}/${step.attempt}`,
      model: choice.model,
      strategy: choice.strategy,
      kind: isInsurance ? 'solve' : kind,
    }
    const reads = isInsurance ? [] : (steps.get(step.stepId) ?? []).flatMap((id) => lastOf(calls, id, step) ?? [])
    calls.push({ step, past, ability: abilityOf(facts, past, seed), reads })
  }
  return calls
}

/** What the step named `id` had said when `reader` was asked. */
const lastOf = (calls: readonly Call[], id: StepId, reader: StepRecord): Call | undefined =>
  calls.findLast(
    ({ step }) =>
      step.stepId === id &&
      step.kind !== 'insurance' &&
      (step.finishedAtMs ?? Infinity) <= (reader.queuedAtMs ?? -Infinity),
  )

const topologies = createTopologyBook()
const laidOut = new Map<string, ReadonlyMap<StepId, readonly StepId[]>>()

/** By step of the run's plan: the steps whose outputs it reads. */
function stepsOf({ plan, query }: RunRecord): ReadonlyMap<StepId, readonly StepId[]> {
  const { domain, answerFormat } = query
  const key = [plan.topology, plan.agents, plan.merge, domain, answerFormat].join('|')
  const known = laidOut.get(key)
  if (known) return known
  const topology = topologies.find(plan.topology)
  const candidate: Candidate | null = topology
    ? toCandidate(topology, plan.agents, { domain, answerFormat }, plan.merge)
    : null
  const steps = new Map((candidate?.steps ?? []).map(({ id, reads }) => [id, reads]))
  laidOut.set(key, steps)
  return steps
}

/** The call whose answer went out: of a vote, any of the winning ones. */
function finalCall({ answeredBy, answer }: RunRecord, calls: readonly Call[]): Call | undefined {
  if (answeredBy === 'vote') return answer === null ? undefined : calls.find(({ step }) => step.answer === answer)
  if (answeredBy === 'insurance') return calls.find(({ step }) => step.kind === 'insurance')
  return calls.findLast(({ step }) => step.stepId === answeredBy && step.kind !== 'insurance')
}

type Verdicts = ReadonlyMap<Call, ReturnType<typeof answerAgain>>

function answerAll(calls: readonly Call[], { facts, truth, seed }: ReplayTerms, salt: string): Verdicts {
  const verdicts = new Map<Call, ReturnType<typeof answerAgain>>()
  for (const call of calls) {
    const inputs = {
      answers: call.reads.map((read) => verdicts.get(read)?.answer ?? ''),
      models: call.reads.map(({ past }) => past.model),
    }
    verdicts.set(call, answerAgain(facts, call.past, { truth, ability: call.ability, inputs, seed, salt }))
  }
  return verdicts
}

const readingsOf = (verdicts: Verdicts, readingOf: (answer: string) => string | null): readonly (string | null)[] =>
  [...verdicts.values()].map(({ answer }) => readingOf(answer))

/** Whether the same calls could be read, and the same ones agree. */
function isSamePattern(pattern: readonly (string | null)[], again: readonly (string | null)[]): boolean {
  for (let one = 0; one < pattern.length; one += 1) {
    if ((pattern[one] === null) !== (again[one] === null)) return false
    if (pattern[one] === null) continue
    for (let other = 0; other < one; other += 1) {
      if (pattern[other] === null) continue
      if ((pattern[one] === pattern[other]) !== (again[one] === again[other])) return false
    }
  }
  return true
}
