/** @file Valid queries for tests: a short arithmetic question with ten seconds, unless a test says otherwise. */
import { type ChatMessage, estimateTokens, type Query, textOf } from '../core/index.ts'

const embeddingLength = 384
const handLength = 26

/** A unit vector and plain zeros: what an embedder would give for an empty head. */
function plainFeatures(): Query['features'] {
  const embedding = new Float32Array(embeddingLength)
  embedding[0] = 1
  return { embedding, hand: new Float32Array(handLength) }
}

/**
 * A query; what follows from `arrivedAtMs`, `budgetMs`, `messages` and `text` is derived from them unless given.
 * `text` alone makes the one user message.
 */
export function aQuery(overrides: Partial<Query> = {}): Query {
  const arrivedAtMs = overrides.arrivedAtMs ?? 0
  const budgetMs = overrides.budgetMs ?? 10_000
  const question = overrides.text ?? 'What is 17 * 23?'
  const messages: readonly ChatMessage[] = overrides.messages ?? [{ role: 'user', content: question }]
  return {
    runId: 'run_test',
    arrivedAtMs,
    budgetMs,
    deadlineAtMs: arrivedAtMs + budgetMs,
    messages,
    text: textOf(messages.findLast(({ role }) => role === 'user') ?? { role: 'user', content: '' }),
    promptTokens: estimateTokens(messages.map(textOf).join('\n')),
    domain: 'math',
    answerFormat: 'number',
    soloReason: null,
    limits: {},
    finalStepBody: {},
    maxOutputTokens: null,
    seed: null,
    features: plainFeatures(),
    ...overrides,
  }
}
