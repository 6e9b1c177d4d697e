/** @file Sentences about how the run came out: against its budget, its plan and its prediction. */
import type { Degradation, RunRecord } from '../../core/index.ts'
import { count, time } from './amounts.ts'
import { against } from './explain-step.ts'

/** The first sentence: what was asked for, and what came of it. */
export function explainOutcome(record: RunRecord): string {
  const { runId, query, budgetMs, outcome, errorCode, arrivedAtMs, finishedAtMs } = record
  const tookMs = time(finishedAtMs - arrivedAtMs)
  const asked = `Run ${runId}, a ${query.domain} query of ${count(query.tokens, 'token')}, had ${time(budgetMs)}${predicted(record)}`
  const why = errorCode === null ? '' : ` (${errorCode})`
  switch (outcome) {
    case 'answered':
      return `${asked} and was answered after ${tookMs}, ${slack(record)}.`
    case 'failed':
      return `${asked} and failed after ${tookMs}${why}, ${slack(record)}.`
    case 'refused':
      return `${asked} and was refused after ${tookMs}${why}.`
    case 'aborted':
      return `${asked}; the client left after ${tookMs}, and everything was stopped.`
  }
}

/** Where a budget that nobody gave came from. */
function predicted({ autoBudget }: RunRecord): string {
  if (autoBudget === undefined) return ''
  const { factor, predictedP95Ms } = autoBudget
  return ` (${factor} times the ${time(predictedP95Ms)} within which the default team is done 19 times in 20)`
}

function slack({ deadlineAtMs, finishedAtMs }: RunRecord): string {
  const slackMs = deadlineAtMs - finishedAtMs
  return slackMs >= 0 ? `${time(slackMs)} before its deadline` : `${time(-slackMs)} after its deadline`
}

const degradations: Readonly<Record<Degradation, string>> = {
  'steps-dropped': 'Short of its plan: steps were left out for lack of time.',
  'steps-failed': 'Short of its plan: steps failed for good, and the others answered without them.',
  insurance: "Short of its plan: the answer is the insurance call's.",
  'best-so-far': "Short of its plan: the answer is an earlier step's, because the last step's did not come in time.",
  cut: 'Short of its plan: the answer was cut off at the deadline.',
}

/** The last sentences: where the answer came from, what it cost, and how good the prediction was. */
export function explainEnd(record: RunRecord): readonly string[] {
  const { degraded, outcome, plan, plannedAtMs, finishedAtMs, calls } = record
  const sentences = degraded.map((degradation) => degradations[degradation])
  const source = answerSource(record)
  if (source) sentences.push(source)
  if (calls > 0) sentences.push(cost(record))
  if (outcome === 'answered' && plan.predictedMs > 0) {
    const tookMs = finishedAtMs - plannedAtMs
    sentences.push(`From the plan on it took ${time(tookMs)}, ${against(tookMs - plan.predictedMs, 'median')}.`)
  }
  return sentences
}

function answerSource({ answeredBy }: RunRecord): string | null {
  if (answeredBy === null) return null
  if (answeredBy === 'vote') return 'The answer was decided by vote.'
  return answeredBy === 'insurance' ? 'The insurance call wrote the answer.' : `Step ${answeredBy} wrote the answer.`
}

function cost({ calls, usage, finalUsage, answeredBy }: RunRecord): string {
  const all = `In all ${count(calls, 'call')} read ${count(usage.promptTokens, 'token')} and wrote ${usage.outputTokens}`
  if (answeredBy === null || answeredBy === 'vote') return `${all}.`
  return `${all}; the one that wrote the answer read ${finalUsage.promptTokens} and wrote ${finalUsage.outputTokens}.`
}
