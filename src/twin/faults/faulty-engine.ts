/**
 * @file A simulated engine that things go wrong with.
 *
 * It keeps the faults under way and passes on what they leave of the engine. What goes wrong inside (down, stalled, slow
 * steps) the engine does itself; what goes wrong at its door (refusals, readings) happens here.
 */
import type { CallObserver, CallResult, CancelSignal, EngineCall, EngineReading } from '../../core/index.ts'
import {
  createSimulatedEngine,
  type EngineStatistics,
  engineError,
  resultWithoutTokens,
  type SimulatedEngine,
  type SimulatedEngineOptions,
} from '../engine/index.ts'
import type { Fault, FaultKind, FaultTarget } from './fault-plan.ts'

export interface FaultyEngine extends SimulatedEngine, FaultTarget {}

/** What an engine publishes beside its health, as fields of a reading. */
const metricFields = ['running', 'waiting', 'kvUsage', 'ttft', 'interToken', 'e2e', 'queueTime'] as const

const withoutMetrics = (reading: EngineReading): EngineReading => ({
  ...reading,
  running: null,
  waiting: null,
  kvUsage: null,
  ttft: null,
  interToken: null,
  e2e: null,
  queueTime: null,
  missing: metricFields,
})

class FaultableEngine implements FaultyEngine {
  readonly #options: SimulatedEngineOptions
  readonly #engine: SimulatedEngine
  readonly #faults = new Set<Fault>()
  /** The last reading that went out. */
  #lastReading: Promise<EngineReading> | null = null
  #refused = 0

  constructor(options: SimulatedEngineOptions) {
    this.#options = options
    const slowdown = () => (options.slowdown?.() ?? 1) * this.#slowFactor()
    this.#engine = createSimulatedEngine({ ...options, slowdown })
  }

  get id() {
    return this.#engine.id
  }

  get model() {
    return this.#engine.model
  }

  run(call: EngineCall, signal: CancelSignal, observer?: CallObserver): Promise<CallResult> {
    if (!this.#suffers('overloaded') || this.#suffers('down') || signal.aborted) {
      return this.#engine.run(call, signal, observer)
    }
    this.#refused++
    const error = engineError('ENGINE_OVERLOADED', `${this.id} takes no calls`)
    return Promise.resolve(resultWithoutTokens(this.#options.clock.nowMs(), error))
  }

  async read(signal: AbortSignal): Promise<EngineReading> {
    if (this.#suffers('down')) return this.#engine.read(signal)
    if (this.#suffers('missing-metrics')) return withoutMetrics(await this.#engine.read(signal))
    if (!this.#suffers('stale-metrics') || this.#lastReading === null) this.#lastReading = this.#engine.read(signal)
    // Read just now, whatever its content is worth: the reader cannot tell.
    const atMs = this.#options.clock.nowMs()
    return { ...(await this.#lastReading), atMs }
  }

  statistics(): EngineStatistics {
    const statistics = this.#engine.statistics()
    const { arrived, failed } = statistics
    return { ...statistics, arrived: arrived + this.#refused, failed: failed + this.#refused }
  }

  slowdownChanged(): void {
    this.#engine.slowdownChanged()
  }

  setDown(isDown: boolean): void {
    this.#engine.setDown(isDown)
  }

  setStalled(isStalled: boolean): void {
    this.#engine.setStalled(isStalled)
  }

  begin(fault: Fault): void {
    this.#faults.add(fault)
    this.#apply(fault.kind)
  }

  end(fault: Fault): void {
    this.#faults.delete(fault)
    this.#apply(fault.kind)
  }

  #apply(kind: FaultKind): void {
    if (kind === 'down') this.setDown(this.#suffers(kind))
    if (kind === 'stall') this.setStalled(this.#suffers(kind))
    if (kind === 'slow') this.slowdownChanged()
  }

  #suffers(kind: FaultKind): boolean {
    for (const fault of this.#faults) if (fault.kind === kind) return true
    return false
  }

  #slowFactor(): number {
    let factor = 1
    for (const fault of this.#faults) if (fault.kind === 'slow') factor *= fault.factor ?? 1
    return factor
  }
}

export function createFaultyEngine(options: SimulatedEngineOptions): FaultyEngine {
  return new FaultableEngine(options)
}
