/** @file Simulated engines that share a GPU, under a scripted load and a plan of faults, for tests. */
import { type CallResult, CallSignal, type MachineProfile } from '../src/core/index.ts'
import {
  createFaultyEngine,
  createVirtualClock,
  type EngineStatistics,
  type FaultPlan,
  type Fidelity,
  SharedGpu,
  scheduleFaults,
} from '../src/twin/index.ts'
import { createScripts, type TimedCall } from './simulated-rig.ts'

export interface PoolCall extends TimedCall {
  /** Index of its engine. */
  readonly engine: number
}

export interface PoolLoad {
  readonly machines: readonly MachineProfile[]
  readonly calls: readonly PoolCall[]
  /** Of the one GPU that all engines share; 0: none is shared. */
  readonly eta: number
  readonly prefixCache: boolean
  readonly prefillChunkTokens: number
  readonly faults: FaultPlan
}

export interface PoolRun {
  /** In the order of the calls. */
  readonly results: readonly CallResult[]
  readonly statistics: readonly EngineStatistics[]
}

/** Engines are `m0#1`, `m1#1` and so on. Calls that have not ended by `untilMs` are aborted there. */
export async function playPool(load: PoolLoad, fidelity: Fidelity, untilMs: number): Promise<PoolRun> {
  const { machines, calls, eta, prefixCache, prefillChunkTokens, faults } = load
  const clock = createVirtualClock()
  const scripts = createScripts()
  const gpu = eta > 0 ? new SharedGpu({ eta }) : null
  const engines = machines.map((machine, index) =>
    createFaultyEngine({
      id: `m${index}#1`,
      model: `m${index}`,
      machine,
      apiOverheadMs: 7.3,
      prefillChunkTokens,
      clock,
      answers: scripts,
      fidelity,
      gpu,
      prefixCache,
    }),
  )
  scheduleFaults(faults, { clock, engines })
  const results = calls.map(async (call) => {
    const signal = new CallSignal()
    clock.at(call.abortAtMs ?? untilMs, () => signal.abort())
    return new Promise<CallResult>((resolve) => {
      clock.at(call.atMs, () => void engines[call.engine]?.run(scripts.callFor(call), signal).then(resolve))
    })
  })
  const ended = await clock.run(Promise.all(results))
  // Whoever was aborted last leaves at the next boundary.
  await clock.advanceTo(clock.nowMs() + 10_000)
  return { results: ended, statistics: engines.map((engine) => engine.statistics()) }
}
