/**
 * @file What `/metrics` says: requests and their outcomes, steps and their predictions, the load of every model.
 *
 * Counters and histograms move when a request ends; gauges are read from the cluster state at each scrape. A KV usage
 * that no engine reports is left out: absent is not zero. Labels hold configured names only, so their number is bounded.
 * Seconds, as Prometheus has it.
 */
import { Counter, Gauge, Histogram, Registry } from 'prom-client'
import type { ClusterState, ModelState, RunRecord, StepRecord } from '../../core/index.ts'
import { addPolicyMetrics } from './policy-metrics.ts'
import type { PolicyStatus } from './ports.ts'

export interface RequestEnd {
  readonly kind: 'orchestrated' | 'relayed'
  /** A virtual model or an engine's; `unknown` where the request named no such. */
  readonly model: string
  /** `answered`, `aborted`, or the error's code in lower case. */
  readonly outcome: string
  readonly durationMs: number
}

export interface MetricsSource {
  cluster(): ClusterState
  underWay(): number
  isReady(): boolean
  /** Null: not known. */
  policy(): PolicyStatus | null
}

const latencyBuckets = [0.1, 0.25, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300]
const queueBuckets = [0.001, 0.01, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60]
/** Actual latency over predicted: 1 is exact. */
const ratioBuckets = [0.25, 0.5, 0.67, 0.8, 0.9, 1, 1.1, 1.25, 1.5, 2, 4]

const modelGauges: readonly (readonly [name: string, help: string, read: (state: ModelState) => number | null])[] = [
  ['running', 'Requests running on the engines of a model.', (state) => state.running],
  ['waiting', 'Requests waiting on the engines of a model.', (state) => state.waiting],
  ['gateway_waiting', 'Calls waiting in the gateway for a model.', (state) => state.gatewayWaiting],
  ['slots', 'Requests that the usable engines of a model run at once.', (state) => state.slots],
  ['usable', 'Whether any engine of a model is usable.', (state) => (state.isUsable ? 1 : 0)],
  ['kv_usage_ratio', 'KV-cache usage, 0-1; absent where no engine reports it.', (state) => state.kvUsage],
]

export class GatewayMetrics {
  readonly #registry = new Registry()
  readonly #requests: Counter
  readonly #duration: Histogram
  readonly #onTime: Counter
  readonly #degraded: Counter
  readonly #steps: Counter
  readonly #queueWait: Histogram
  readonly #predictionRatio: Histogram

  constructor(source: MetricsSource) {
    const registers = [this.#registry]
    const counter = (name: string, help: string, labelNames: string[]) =>
      new Counter({ name: `inframind_${name}`, help, labelNames, registers })
    const histogram = (name: string, help: string, labelNames: string[], buckets: number[]) =>
      new Histogram({ name: `inframind_${name}`, help, labelNames, buckets, registers })
    this.#requests = counter('requests_total', 'Requests that ended, by outcome.', ['kind', 'model', 'outcome'])
    this.#duration = histogram(
      'request_duration_seconds',
      'Arrival to the last byte of the answer.',
      ['kind', 'model'],
      latencyBuckets,
    )
    this.#onTime = counter('runs_by_deadline_total', 'Answered runs, on time or late.', ['model', 'on_time'])
    this.#degraded = counter('degraded_runs_total', 'Runs whose answer fell short of the plan.', ['degradation'])
    this.#steps = counter('steps_total', 'Attempts at steps, by outcome.', ['model', 'strategy', 'outcome'])
    this.#queueWait = histogram('queue_wait_seconds', 'A call in the gateway: queued to sent.', ['model'], queueBuckets)
    this.#predictionRatio = histogram(
      'step_prediction_ratio',
      'Latency of a finished step over its prediction.',
      ['model'],
      ratioBuckets,
    )
    this.#addGauges(source)
    addPolicyMetrics(this.#registry, () => source.policy())
  }

  requestEnded({ kind, model, outcome, durationMs }: RequestEnd): void {
    this.#requests.inc({ kind, model, outcome })
    this.#duration.observe({ kind, model }, durationMs / 1000)
  }

  /** `model`: the virtual model asked for. */
  runEnded(record: RunRecord, model: string): void {
    if (record.outcome === 'answered') this.#onTime.inc({ model, on_time: String(record.isOnTime) })
    for (const degradation of record.degraded) this.#degraded.inc({ degradation })
    for (const step of record.steps) this.#stepEnded(step)
  }

  text(): Promise<string> {
    return this.#registry.metrics()
  }

  get contentType(): string {
    return this.#registry.contentType
  }

  #stepEnded({ choice, outcome, queuedAtMs, sentAtMs, finishedAtMs, predicted }: StepRecord): void {
    if (!('model' in choice)) return
    const { model, strategy } = choice
    this.#steps.inc({ model, strategy, outcome })
    if (queuedAtMs === null || sentAtMs === null) return
    this.#queueWait.observe({ model }, (sentAtMs - queuedAtMs) / 1000)
    if (outcome !== 'done' || finishedAtMs === null || predicted === null || predicted.latencyMs <= 0) return
    this.#predictionRatio.observe({ model }, (finishedAtMs - queuedAtMs) / predicted.latencyMs)
  }

  #addGauges(source: MetricsSource): void {
    const registers = [this.#registry]
    for (const [name, help, read] of modelGauges) {
      new Gauge({
        name: `inframind_model_${name}`,
        help,
        labelNames: ['model'],
        registers,
        collect() {
          this.reset()
          for (const state of source.cluster().models) {
            const value = read(state)
            if (value !== null) this.set({ model: state.model }, value)
          }
        },
      })
    }
    const single = (name: string, help: string, read: () => number) =>
      new Gauge({
        name: `inframind_${name}`,
        help,
        registers,
        collect() {
          this.set(read())
        },
      })
    single('requests_under_way', 'Requests that have not ended.', () => source.underWay())
    single('ready', 'Whether requests are taken and an engine is usable.', () => (source.isReady() ? 1 : 0))
  }
}
