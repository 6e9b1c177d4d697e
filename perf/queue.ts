/**
 * @file `npm run perf -- queue [--json]`: cost of one push and one pop of the deadline queue with 10,000 calls waiting.
 *
 * Calls come with deadlines, remaining times and latest starts as under load, and time moves on, so that calls are demoted
 * along the way. Reported: the median over the rounds, in us per push and pop together.
 */
import { createRandom, type QueuedCall } from '../src/core/index.ts'
import { createDiscipline, DeadlineQueue, type Holder } from '../src/flow/scheduler/index.ts'

const waiting = 10_000
const rounds = 25
const operations = 20_000
const random = createRandom(1)

interface Entry extends Holder<Entry> {}
const ignore = () => {}

function aCall(index: number, nowMs: number): Entry {
  const remainingMs = random.exponential(3_000)
  const call: QueuedCall = {
    id: `run_${index}/0/0/0`,
    runId: `run_${index}`,
    stepId: '0/0',
    model: 'model',
    enqueuedAtMs: nowMs,
    deadlineAtMs: nowMs + 1_000 + 99_000 * random.uniform(),
    remainingMs,
    serviceMs: remainingMs,
    promptTokens: 500,
    outputTokens: 200,
    outputTokensP90: 400,
    maxOutputTokens: 1_024,
    affinity: null,
    excludedReplicas: [],
    start: ignore,
    reconsider: ignore,
    reject: ignore,
  }
  return { call, place: null }
}

const queue = new DeadlineQueue<Entry>(createDiscipline('edf-demote'))
let nowMs = 0
for (let index = 0; index < waiting; index += 1) queue.push(aCall(index, nowMs))

const microseconds: number[] = []
for (let round = 0; round < rounds; round += 1) {
  // The calls are made beforehand: only the queue is timed.
  const calls = Array.from({ length: operations }, (_, index) => aCall(index, nowMs + index))
  const startedAtMs = performance.now()
  for (const entry of calls) {
    nowMs += 1
    queue.push(entry)
    queue.pop(nowMs)
  }
  microseconds.push(((performance.now() - startedAtMs) * 1_000) / operations)
}
if (queue.size !== waiting) throw new Error(`expected ${waiting} calls waiting, got ${queue.size}`)

microseconds.sort((a, b) => a - b)
const pushPopUs = microseconds[rounds >> 1] as number
const result = {
  name: 'queue',
  waiting,
  operations: rounds * operations,
  push_pop_us: pushPopUs,
  demoted: queue.demotedCount,
}
const isJson = process.argv.includes('--json')
process.stdout.write(
  isJson
    ? `${JSON.stringify(result)}\n`
    : `push + pop at ${waiting} waiting: ${pushPopUs.toFixed(2)} us (median of ${rounds} rounds of ${operations})\n`,
)
