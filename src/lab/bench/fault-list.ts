/**
 * @file Faults of a benchmark by name: `down`, `slow:Llama-3.1-8B-Instruct`, `stale-metrics` ...
 *
 * Each begins in the middle of the measured time and takes itself back: an engine is down, refuses or stalls for 60 s, is 5
 * times slower for 5 minutes, or its metrics are stale or missing for 30 s.
 */
import { ConfigError, type ModelId, suggestName } from '../../core/index.ts'
import { type Fault, type FaultKind, type FaultPlan, faultKinds } from '../../twin/faults/index.ts'

const lengthSeconds: Readonly<Record<FaultKind, number>> = {
  down: 60,
  stall: 60,
  overloaded: 60,
  slow: 300,
  'stale-metrics': 30,
  'missing-metrics': 30,
}
const slowFactor = 5

/** The plan that `names` ask for. Unnamed models: metrics fail for all of them, anything else for the second of the pool. Throws ConfigError. */
export function planFaults(names: readonly string[], models: readonly ModelId[], atMs: number): FaultPlan {
  return names.flatMap((name) => {
    const [kind = '', ...rest] = name.split(':')
    const known = faultKinds.find((one) => one === kind)
    if (known === undefined) throw unknown(kind, faultKinds, 'a kind of fault')
    const model = rest.join(':')
    if (model !== '' && !models.includes(model)) throw unknown(model, models, 'a model of the profile')
    return hit(known, model, models).map((engine) => toFault(known, engine, atMs))
  })
}

function hit(kind: FaultKind, model: string, models: readonly ModelId[]): readonly ModelId[] {
  if (model !== '') return [model]
  return kind.endsWith('metrics') ? models : [models[1] ?? (models[0] as ModelId)]
}

const toFault = (kind: FaultKind, engine: string, atMs: number): Fault => ({
  atMs,
  forMs: lengthSeconds[kind] * 1000,
  engine,
  kind,
  ...(kind === 'slow' ? { factor: slowFactor } : {}),
})

const unknown = (got: string, names: readonly string[], expected: string): ConfigError =>
  new ConfigError([{ path: '--faults', expected, got, fix: suggestName(got, names) }], 'the command line')
