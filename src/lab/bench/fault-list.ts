/**
 * @file Faults of a benchmark by name: `down`, `slow:Llama-3.1-8B-Instruct`, `stale-metrics` ...
 *
 * Each begins in the middle of the measured time and takes itself back: an engine is down, refuses or stalls for 60 s, is 5
 * times slower for 5 minutes, or its metrics are stale or missing for 30 s. `gone` and `slowed` last from beginning to end:
 * an engine that is down, or 5 times slower, all the time.
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

/** What lasts from beginning to end. */
const lasting = { gone: 'down', slowed: 'slow' } as const satisfies Record<string, FaultKind>

/** Names that `planFaults` takes, before a model. */
export const faultNames: readonly string[] = [...faultKinds, ...Object.keys(lasting)]

/** The plan that `names` ask for. Unnamed models: metrics fail for all of them, anything else for the second of the pool. Throws ConfigError. */
export function planFaults(names: readonly string[], models: readonly ModelId[], atMs: number): FaultPlan {
  return names.flatMap((name) => {
    const [kind = '', ...rest] = name.split(':')
    const span = spanOf(kind, atMs)
    if (span === null) throw unknown(kind, faultNames, 'a kind of fault')
    const model = rest.join(':')
    if (model !== '' && !models.includes(model)) throw unknown(model, models, 'a model of the profile')
    return hit(span.kind, model, models).map((engine) => ({
      ...span,
      engine,
      ...(span.kind === 'slow' ? { factor: slowFactor } : {}),
    }))
  })
}

/** Null: not the name of a fault. */
function spanOf(name: string, atMs: number): Pick<Fault, 'kind' | 'atMs' | 'forMs'> | null {
  if (Object.hasOwn(lasting, name)) return { kind: lasting[name as keyof typeof lasting], atMs: 0, forMs: Infinity }
  const kind = faultKinds.find((one) => one === name)
  return kind === undefined ? null : { kind, atMs, forMs: lengthSeconds[kind] * 1000 }
}

function hit(kind: FaultKind, model: string, models: readonly ModelId[]): readonly ModelId[] {
  if (model !== '') return [model]
  return kind.endsWith('metrics') ? models : [models[1] ?? (models[0] as ModelId)]
}

const unknown = (got: string, names: readonly string[], expected: string): ConfigError =>
  new ConfigError([{ path: '--faults', expected, got, fix: suggestName(got, names) }], 'the command line')
