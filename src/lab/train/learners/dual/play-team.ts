/**
 * @file Plays one team on one question, as the runtime would on an idle pool, without the pool.
 *
 * Steps start when what they depend on has settled, read what the graph says, and are left out once answers agree or a vote
 * is decided; calls end in the order of their lengths at the models' idle pace. Answers come from the twin's answer model,
 * cut at the usual caps. What only load or a short budget brings about is not there: no retries, backups or insurance.
 * Cost: some 10 us a call, a hundredth of the real loop. The test holds it against the real one.
 */
import type { AnswerInHand, Arm, EngineCall, PlannedStep, ProfilePrior, StepId } from '../../../../core/index.ts'
import { type Candidate, isReasoningModelName, reasonToStop } from '../../../../policy/index.ts'
import { agreementOf, extractAnswer, isComparable, meaningOf, outputCapTokens, voteOn } from '../../../../team/index.ts'
import type { AnswerModel } from '../../../../twin/index.ts'
import type { Question } from '../../../questions/index.ts'
import type { Asked } from './asked-question.ts'

/** A team and who holds its steps. */
export interface Team {
  readonly candidate: Candidate
  /** In the order of the candidate's steps. */
  readonly arms: readonly Arm[]
}

export interface PlayGround {
  /** Knows all questions that are played. */
  readonly answers: AnswerModel
  /** Times on an idle pool. */
  readonly prior: ProfilePrior
}

export interface PlayedTeam {
  readonly isRight: boolean
  /** Calls that were made. */
  readonly calls: number
  /** Of the calls that ended, in the order in which they did. */
  readonly answers: readonly AnswerInHand[]
}

interface OpenCall {
  readonly answer: AnswerInHand
  readonly endsAtMs: number
}

/** Plays `team` on `asked`; `luck` names the play as a run id does: no two of them draw the same answers. */
export function playTeam(team: Team, asked: Asked, { ground, luck }: { ground: PlayGround; luck: string }): PlayedTeam {
  const { candidate } = team
  const hand: AnswerInHand[] = []
  const settled = new Set<StepId>()
  const waiting = [...candidate.steps]
  let open: OpenCall[] = []
  let calls = 0
  let nowMs = 0
  while (true) {
    const ready = waiting.filter(({ dependsOn }) => dependsOn.every((id) => settled.has(id)))
    if (ready.length > 0 && mustStop(candidate, asked, hand)) break
    for (const step of ready) {
      waiting.splice(waiting.indexOf(step), 1)
      open.push(call(team, step, { asked, hand, ground, luck, nowMs }))
      calls += 1
    }
    if (open.length === 0) break
    const next = open.reduce((first, other) => (other.endsAtMs < first.endsAtMs ? other : first))
    open = open.filter((other) => other !== next)
    nowMs = next.endsAtMs
    hand.push(next.answer)
    settled.add(next.answer.stepId)
    if (candidate.merge === 'vote' && isVoteDecided(hand, open.length + waiting.length)) break
  }
  return { isRight: isRight(finalText(candidate, hand), asked.question, ground), calls, answers: hand }
}

/** Whether the executor starts nothing more. */
function mustStop(candidate: Candidate, { format }: Asked, answers: readonly AnswerInHand[]): boolean {
  const { merge, steps, stopsOnAgreement } = candidate
  const agreement = isComparable(format) ? agreementOf(answers) : null
  const mayStop = stopsOnAgreement && answers.length > 0
  return reasonToStop({ mayStop, agreement, query: { answerFormat: format }, plan: { merge, steps }, answers }) !== null
}

/** Whether `outstanding` more votes cannot change the outcome, as the runtime has it. */
function isVoteDecided(answers: readonly AnswerInHand[], outstanding: number): boolean {
  const counts = new Map<string, number>()
  for (const { answer } of answers) if (answer !== null) counts.set(answer, (counts.get(answer) ?? 0) + 1)
  const [first = 0, second = 0] = [...counts.values()].sort((a, b) => b - a)
  return first >= 2 && first > second + outstanding
}

interface CallTerms {
  readonly asked: Asked
  readonly hand: readonly AnswerInHand[]
  readonly ground: PlayGround
  readonly luck: string
  readonly nowMs: number
}

function call({ candidate, arms }: Team, step: PlannedStep, terms: CallTerms): OpenCall {
  const { asked, hand, ground, luck, nowMs } = terms
  const arm = arms[candidate.steps.indexOf(step)] as Arm
  const inputs = step.reads.flatMap((id) => hand.findLast(({ stepId }) => stepId === id) ?? [])
  const { text, outputTokens, isCut } = answer(ground, arm, {
    id: `${luck}/${step.id}/0`,
    asked,
    meaning: meaningOf({
      query: { text: asked.question.text, answerFormat: asked.format, soloReason: null },
      step,
      strategy: arm.strategy,
      inputs,
    }),
  })
  const { ttft, tpot } = ground.prior.models[arm.model] as ProfilePrior['models'][string]
  return {
    answer: {
      stepId: step.id,
      role: step.role,
      arm,
      text,
      answer: extractAnswer(text, asked.format),
      isTruncated: isCut,
      outputTokens,
    },
    endsAtMs: nowMs + ttft.value.fixedMs + outputTokens * tpot.value.idleMs,
  }
}

/** One call's answer, cut at its cap. */
export function answer(
  { answers }: PlayGround,
  { model, strategy }: Arm,
  { id, asked, meaning }: { readonly id: string; readonly asked: Asked; readonly meaning: EngineCall['meaning'] },
) {
  const capTokens = outputCapTokens({ strategy, domain: asked.domain, isReasoningModel: isReasoningModelName(model) })
  const given = answers.answer(
    {
      id,
      messages: () => [],
      meaning,
      promptTokens: 200,
      maxOutputTokens: capTokens,
      deadlineAtMs: Infinity,
      body: {},
    },
    model,
  )
  const outputTokens = Math.min(given.outputTokens, capTokens)
  return { text: given.text, outputTokens, isCut: given.outputTokens > capTokens }
}

/** The text that goes out: the vote's, the last step's where it can be read, else the best in hand. */
function finalText({ merge, steps }: Candidate, hand: readonly AnswerInHand[]): string | null {
  const best = voteOn(hand)?.winner ?? hand.findLast(({ isTruncated }) => !isTruncated) ?? hand.at(-1)
  if (merge === 'vote') return best?.text ?? null
  const last = steps.find(({ isLast }) => isLast)
  const own = hand.findLast(({ stepId }) => stepId === last?.id)
  return own && (own.answer !== null || !own.isTruncated) ? own.text : (best?.text ?? null)
}

export const isRight = (text: string | null, question: Question, { answers }: Pick<PlayGround, 'answers'>): boolean =>
  text !== null && answers.isRight(question, text)
