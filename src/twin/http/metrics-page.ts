/**
 * @file `/metrics` in vLLM's names and shape (0.13 and later): gauges, counters with `_total`, histograms in seconds.
 *
 * On a scaled clock the seconds are simulated seconds. Source: vLLM documentation, "Production metrics"; bucket bounds
 * as in `vllm/v1/metrics/loggers.py`.
 */
import type { EngineReading } from '../../core/index.ts'
import type { EngineStatistics, SimulatedEngine } from '../engine/index.ts'
import { floatText, Histogram } from './histogram.ts'

const firstTokenBounds = [
  0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 20, 40, 80, 160, 640, 2560,
]
const interTokenBounds = [0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 20, 40, 80]
const requestBounds = [0.3, 0.5, 0.8, 1, 1.5, 2, 2.5, 5, 10, 15, 20, 30, 40, 50, 60, 120, 240, 480, 960, 1920, 7680]

/** How calls end, in vLLM's words. */
export type FinishedReason = 'stop' | 'length' | 'abort'

export class MetricsPage {
  readonly #engine: SimulatedEngine
  readonly #labels: string
  readonly #finished: Record<FinishedReason, number> = { stop: 0, length: 0, abort: 0 }
  readonly #ttft = new Histogram(firstTokenBounds)
  readonly #interToken = new Histogram(interTokenBounds)
  readonly #e2e = new Histogram(requestBounds)
  readonly #queueTime = new Histogram(requestBounds)

  constructor(engine: SimulatedEngine, model: string) {
    this.#engine = engine
    this.#labels = `engine="0",model_name="${model.replace(/[\\"\n]/g, (sign) => (sign === '\n' ? '\\n' : `\\${sign}`))}"`
  }

  /** A call has ended: its times go into their buckets. */
  async finished(reason: FinishedReason): Promise<void> {
    this.#finished[reason] += 1
    await this.#look()
  }

  /** The page's text. */
  async text(): Promise<string> {
    const reading = await this.#look()
    return `${[...this.#gauges(reading), ...this.#counters(), ...this.#histograms()].join('\n')}\n`
  }

  async #look(): Promise<EngineReading> {
    const reading = await this.#engine.read(new AbortController().signal)
    const { ttft, interToken, e2e, queueTime } = reading
    if (ttft) this.#ttft.update(ttft)
    if (interToken) this.#interToken.update(interToken)
    if (e2e) this.#e2e.update(e2e)
    if (queueTime) this.#queueTime.update(queueTime)
    return reading
  }

  #gauges({ running, waiting, kvUsage, kvTokens }: EngineReading): string[] {
    const labels = this.#labels
    const { kvBlocks } = this.#engine.statistics()
    const blockTokens = kvTokens === null ? 'None' : kvTokens / kvBlocks
    const byReason = (reason: string) => `${labels},reason="${reason}"`
    const caching = 'cache_dtype="auto",enable_prefix_caching="False"'
    return [
      ...this.#gauge('num_requests_running', 'Requests in the execution batch.', [[labels, running]]),
      ...this.#gauge('num_requests_waiting', 'Requests waiting to be processed.', [[labels, waiting]]),
      ...this.#gauge('num_requests_waiting_by_reason', 'Waiting requests by reason.', [
        [byReason('capacity'), waiting],
        [byReason('deferred'), 0],
      ]),
      ...this.#gauge('kv_cache_usage_perc', 'KV-cache usage, 1 means all of it.', [[labels, kvUsage]]),
      ...this.#gauge('cache_config_info', 'Settings of the cache.', [
        [`block_size="${blockTokens}",${caching},engine="0",num_gpu_blocks="${kvBlocks}"`, 1],
      ]),
    ]
  }

  #gauge(name: string, help: string, samples: readonly (readonly [string, number | null])[]): string[] {
    const lines = samples.flatMap(([labels, value]) =>
      value === null ? [] : [`vllm:${name}{${labels}} ${floatText(value)}`],
    )
    return [...heading(name, 'gauge', help), ...lines]
  }

  #counters(): string[] {
    const { promptTokens, generationTokens, preemptions }: EngineStatistics = this.#engine.statistics()
    const counter = (name: string, help: string, value: number) => [
      ...heading(name, 'counter', help),
      `vllm:${name}_total{${this.#labels}} ${floatText(value)}`,
    ]
    return [
      ...counter('num_preemptions', 'Preemptions of running requests.', preemptions),
      ...counter('prompt_tokens', 'Prefill tokens processed.', promptTokens),
      ...counter('generation_tokens', 'Tokens generated.', generationTokens),
      ...heading('request_success', 'counter', 'Requests that have ended.'),
      ...Object.entries(this.#finished).map(
        ([reason, count]) =>
          `vllm:request_success_total{finished_reason="${reason}",${this.#labels}} ${floatText(count)}`,
      ),
    ]
  }

  #histograms(): string[] {
    const times: readonly (readonly [string, string, Histogram])[] = [
      ['time_to_first_token_seconds', 'Time to the first token.', this.#ttft],
      ['inter_token_latency_seconds', 'Time between tokens.', this.#interToken],
      ['e2e_request_latency_seconds', 'Time from arrival to the last token.', this.#e2e],
      ['request_queue_time_seconds', 'Time in the waiting queue.', this.#queueTime],
    ]
    return times.flatMap(([name, help, histogram]) => [
      ...heading(name, 'histogram', `${help} Simulated seconds.`),
      ...histogram.lines(`vllm:${name}`, this.#labels),
    ])
  }
}

const heading = (name: string, type: string, help: string): string[] => [
  `# HELP vllm:${name} ${help}`,
  `# TYPE vllm:${name} ${type}`,
]
