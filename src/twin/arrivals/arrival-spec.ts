/**
 * @file Arrivals by name, as on a command line: `poisson`, `on-off`, `burst`, `trace:FILE`.
 */
import { ConfigError, suggestName } from '../../core/index.ts'
import {
  type ArrivalProcess,
  burstArrivals,
  type OnOffShape,
  onOffArrivals,
  poissonArrivals,
} from './arrival-process.ts'
import { traceArrivals } from './trace-arrivals.ts'
import { readTraceFile } from './trace-rows.ts'

export type ArrivalSpec =
  | { readonly kind: 'poisson' }
  | ({ readonly kind: 'on-off' } & OnOffShape)
  | { readonly kind: 'burst'; readonly queries: number }
  /** `file`: path of a CSV file, plain or .gz. `end`: see `traceArrivals`. */
  | { readonly kind: 'trace'; readonly file: string; readonly end: 'loop' | 'stop' }

/** A third of the time at three times the rate, in rushes of twenty seconds: short against a run, long against a call. */
const onOffDefault: OnOffShape = { onMeanMs: 20_000, offMeanMs: 40_000 }
/** The paper's burst. */
const burstDefault = 500

const names = ['poisson', 'on-off', 'burst', 'trace:FILE']

/** The spec that `text` names, with the default parameters. The file is not looked at. Throws ConfigError with the nearest name. */
export function parseArrivals(text: string): ArrivalSpec {
  const [name, ...rest] = text.trim().split(':')
  const detail = rest.join(':')
  if (name === 'trace' && detail !== '') return { kind: 'trace', file: detail, end: 'loop' }
  if (rest.length === 0) {
    if (name === 'poisson') return { kind: 'poisson' }
    if (name === 'on-off') return { kind: 'on-off', ...onOffDefault }
    if (name === 'burst') return { kind: 'burst', queries: burstDefault }
  }
  const fix = name === 'trace' ? 'Name the file: trace:arrivals.csv.' : suggestName(name as string, names)
  throw new ConfigError(
    [{ path: '--arrivals', expected: names.join(', '), got: JSON.stringify(text), fix }],
    'the command',
  )
}

/** The process that `spec` describes. Reads a trace's file once, here. Throws ConfigError for a file that is no trace. */
export function createArrivals(spec: ArrivalSpec): ArrivalProcess {
  switch (spec.kind) {
    case 'poisson':
      return poissonArrivals
    case 'on-off':
      return onOffArrivals(spec)
    case 'burst':
      return burstArrivals(spec.queries)
    case 'trace':
      return traceArrivals(readTraceFile(spec.file), spec.end)
  }
}
