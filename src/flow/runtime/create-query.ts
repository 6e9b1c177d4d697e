/** @file Turns a request into a query: one absolute deadline, a domain, an answer format, features. */
import { type ChatMessage, estimateTokens, type Query, type RunId, textOf } from '../../core/index.ts'
import { classify, createFeatures } from '../../policy/index.ts'
import type { QueryRequest } from './runtime-port.ts'

/** Text of the last user message; empty where there is none. */
function questionText(messages: readonly ChatMessage[]): string {
  for (let index = messages.length - 1; index >= 0; index -= 1) {
    const message = messages[index] as ChatMessage
    if (message.role === 'user') return textOf(message)
  }
  return ''
}

/** The deadline counts from arrival, not from now: time spent before this call is already gone. */
export function createQuery(request: QueryRequest, runId: RunId): Query {
  const text = questionText(request.messages)
  const read = classify({ messages: request.messages, text, domainHint: request.domain ?? null })
  const body = request.finalStepBody ?? {}
  // Log-probabilities belong to one model's tokens: a vote or a merge could not give them.
  const demandsOne = request.soloReason ?? (body['logprobs'] === true ? 'response-format' : null)
  return {
    runId,
    arrivedAtMs: request.arrivedAtMs,
    budgetMs: request.budgetMs,
    ...(request.autoBudget ? { autoBudget: request.autoBudget } : {}),
    deadlineAtMs: request.arrivedAtMs + request.budgetMs,
    messages: request.messages,
    text,
    promptTokens: request.messages.reduce((sum, message) => sum + estimateTokens(textOf(message)) + 4, 0),
    domain: read.domain,
    answerFormat: demandsOne === null ? read.answerFormat : 'text',
    soloReason: demandsOne ?? read.soloReason,
    limits: request.limits ?? {},
    finalStepBody: body,
    maxOutputTokens: request.maxOutputTokens ?? null,
    seed: request.seed ?? null,
    features: createFeatures(text),
  }
}
