/**
 * @file The same run in the words of `vllm bench serve --save-result`, for programs that read its files.
 *
 * Its definitions: times count from the instant of *sending*; TTFT to the first text; TPOT = (end-to-end - TTFT) / (output
 * tokens - 1), of answers with more than one token; ITL between pieces of text as they arrive; throughputs over the time
 * from the first sending to the last end; goodput: answers within the budget (`--goodput e2el:budget`) per second. Means,
 * population deviations and linear percentiles over completed requests; 0 where there is none.
 * Ours differs in two things: tokens are as the server counts them (no tokeniser of our own), and for an orchestrated
 * answer they are those of all its calls.
 *
 * Source: vllm-project/vllm, vllm/benchmarks/serve.py (`calculate_metrics`, `benchmark`), as of 0.11.
 */
import { mean, quantileSorted } from '../../../core/index.ts'
import type { LiveQuery } from './play-live.ts'

export interface VllmBench {
  readonly [field: string]: number | string | null | readonly number[] | readonly string[]
}

export interface VllmBenchInput {
  readonly model: string
  readonly ratePerMinute: number
  readonly queries: readonly LiveQuery[]
}

interface Timed {
  readonly e2elMs: number
  readonly ttftMs: number
  readonly itlsMs: readonly number[]
  readonly outputTokens: number
  readonly promptTokens: number
  readonly isGood: boolean
}

function timed({ budgetMs, reply }: LiveQuery): Timed {
  const { sentAtMs, finishedAtMs, textAtMs, usage } = reply
  const e2elMs = finishedAtMs - sentAtMs
  return {
    e2elMs,
    ttftMs: (textAtMs[0] ?? finishedAtMs) - sentAtMs,
    itlsMs: textAtMs.slice(1).map((atMs, index) => atMs - (textAtMs[index] as number)),
    outputTokens: usage?.outputTokens ?? 0,
    promptTokens: usage?.promptTokens ?? 0,
    isGood: e2elMs <= budgetMs,
  }
}

/** `queries`: the measured ones. Seconds and ms are those of the results (simulated under a time-scale). */
export function vllmBench({ model, ratePerMinute, queries }: VllmBenchInput): VllmBench {
  const answered = queries.filter(({ reply }) => reply.end === 'answered').map(timed)
  const seconds = spanSeconds(queries)
  const perSecond = (count: number) => (seconds > 0 ? count / seconds : 0)
  const sum = (of: (one: Timed) => number) => answered.reduce((total, one) => total + of(one), 0)
  const [input, output] = [sum(({ promptTokens }) => promptTokens), sum(({ outputTokens }) => outputTokens)]
  const many = answered.filter(({ outputTokens }) => outputTokens > 1)
  return {
    backend: 'openai-chat',
    model_id: model,
    num_prompts: queries.length,
    request_rate: ratePerMinute / 60,
    burstiness: 1,
    max_concurrency: null,
    duration: seconds,
    completed: answered.length,
    failed: queries.length - answered.length,
    total_input_tokens: input,
    total_output_tokens: output,
    request_throughput: perSecond(answered.length),
    request_goodput: perSecond(answered.filter(({ isGood }) => isGood).length),
    output_throughput: perSecond(output),
    total_token_throughput: perSecond(input + output),
    ...summed(
      'ttft',
      answered.map(({ ttftMs }) => ttftMs),
    ),
    ...summed(
      'tpot',
      many.map(({ e2elMs, ttftMs, outputTokens }) => (e2elMs - ttftMs) / (outputTokens - 1)),
    ),
    ...summed(
      'itl',
      answered.flatMap(({ itlsMs }) => itlsMs),
    ),
    ...summed(
      'e2el',
      answered.map(({ e2elMs }) => e2elMs),
    ),
  }
}

function spanSeconds(queries: readonly LiveQuery[]): number {
  if (queries.length === 0) return 0
  const first = Math.min(...queries.map(({ reply }) => reply.sentAtMs))
  return (Math.max(...queries.map(({ reply }) => reply.finishedAtMs)) - first) / 1000
}

function summed(name: string, values: readonly number[]): VllmBench {
  const sorted = values.length === 0 ? [0] : [...values].sort((a, b) => a - b)
  const centre = mean(sorted)
  return {
    [`mean_${name}_ms`]: centre,
    [`median_${name}_ms`]: quantileSorted(sorted, 0.5),
    [`std_${name}_ms`]: Math.sqrt(mean(sorted.map((value) => (value - centre) ** 2))),
    [`p99_${name}_ms`]: quantileSorted(sorted, 0.99),
  }
}
