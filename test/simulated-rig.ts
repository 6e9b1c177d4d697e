/** @file A simulated engine under a scripted load, for tests: machines by hand, calls with set lengths, virtual time. */
import type { CallObserver, CallResult, EngineCall, MachineProfile } from '../src/core/index.ts'
import { anEngineCall } from '../src/testing/index.ts'
import {
  type AnswerSource,
  createSimulatedEngine,
  createVirtualClock,
  type SimulatedEngine,
  type SimulatedEngineOptions,
  type VirtualClock,
} from '../src/twin/index.ts'

const quantity = <T>(value: T, unit: string) => ({ value, unit, tag: 'assumed' as const, source: 'test' })

type Size = 'slots' | 'kvTokens' | 'blockTokens' | 'maxModelLen' | 'hostMs'

/** Every step takes 1 ms, whatever is in it, and one sequence runs at a time, unless `parts` say otherwise. */
export function aMachine(parts: Partial<Record<Size, number> & MachineProfile['step']['value']> = {}): MachineProfile {
  const { slots = 1, kvTokens = 1_600_000, blockTokens = 16, maxModelLen = 1_600_000, hostMs = 0, ...step } = parts
  return {
    slots: quantity(slots, 'sequences'),
    kvTokens: quantity(kvTokens, 'tokens'),
    blockTokens: quantity(blockTokens, 'tokens'),
    maxModelLen: quantity(maxModelLen, 'tokens'),
    host: quantity(hostMs, 'ms'),
    step: quantity({ decodeC0: 1, decodeC3: 0, b0: 1, w0: 0, k1: 0, k2: 0, k3: 0, k4: 0, ...step }, 'ms'),
  }
}

export interface ScriptedCall {
  /** Length of the whole answer. */
  readonly outputTokens: number
  /** Default 10. */
  readonly promptTokens?: number
  /** Default: no cap. */
  readonly maxOutputTokens?: number
  readonly deadlineAtMs?: number
  /** Default: four characters a token. */
  readonly text?: string
  readonly observer?: CallObserver
  /** Calls of one run may share the beginning of their prompts. Default: of no run. */
  readonly run?: string
  /** Tokens of the question, which all prompts of a run begin with. Default 0. */
  readonly sharedTokens?: number
}

export interface TimedCall extends ScriptedCall {
  readonly atMs: number
  /** When its signal fires; absent: never. */
  readonly abortAtMs?: number
}

export interface Rig {
  readonly clock: VirtualClock
  readonly engine: SimulatedEngine
  /** Sends a call now. */
  send(call: ScriptedCall, signal?: AbortSignal): Promise<CallResult>
  /** Has every call sent at its instant; results in the order given. The caller drives the clock. */
  schedule(calls: readonly TimedCall[]): Promise<readonly CallResult[]>
  /** As `schedule`, and drives the clock until all have settled. */
  play(calls: readonly TimedCall[]): Promise<readonly CallResult[]>
}

/** Engine calls for scripted ones, and the answers that they ask for. */
export function createScripts(): AnswerSource & { callFor(call: ScriptedCall): EngineCall } {
  const scripts = new Map<string, ScriptedCall>()
  return {
    answer: ({ id }) => {
      const { promptTokens = 10, outputTokens, text = 'x'.repeat(4 * outputTokens) } = scripts.get(id) as ScriptedCall
      return { text, promptTokens, outputTokens, isRight: null }
    },
    callFor: (call) => {
      const { run, sharedTokens = 0, maxOutputTokens = 1_000_000, deadlineAtMs = 0 } = call
      const id = run === undefined ? String(scripts.size) : `${run}/${scripts.size}`
      scripts.set(id, call)
      const { meaning } = anEngineCall()
      const questionText = 'x'.repeat(4 * sharedTokens)
      return anEngineCall({ id, maxOutputTokens, deadlineAtMs, meaning: { ...meaning, questionText } })
    },
  }
}

/** An engine without API overhead and with unbounded prefill chunks, unless `parts` say otherwise. */
export function createRig(parts: Partial<SimulatedEngineOptions> = {}): Rig {
  const clock = createVirtualClock()
  const scripts = createScripts()
  const engine = createSimulatedEngine({
    id: 'm#1',
    model: 'm',
    machine: aMachine(),
    apiOverheadMs: 0,
    prefillChunkTokens: 1_000_000,
    clock,
    fidelity: 'event-skipping',
    answers: scripts,
    ...parts,
  })
  const send: Rig['send'] = (call, signal = new AbortController().signal) =>
    engine.run(scripts.callFor(call), signal, call.observer)
  const sendAt = (call: TimedCall) =>
    new Promise<CallResult>((resolve) => {
      const controller = new AbortController()
      clock.at(call.atMs, () => void send(call, controller.signal).then(resolve))
      if (call.abortAtMs !== undefined) clock.at(call.abortAtMs, () => controller.abort())
    })
  const schedule: Rig['schedule'] = (calls) => Promise.all(calls.map(sendAt))
  return { clock, engine, send, schedule, play: (calls) => clock.run(schedule(calls)) }
}
