/** @file What a live benchmark is asked for, whether it can be had, and the command that asks for it again. */
import { ConfigError } from '../../../core/index.ts'
import { type BenchOptions, checkBenchOptions, listed, loadFlags } from '../bench-options.ts'

/** Rates, budgets and minutes are in simulated time where `timeScale` is not 1. */
export interface LiveOptions
  extends Pick<
    BenchOptions,
    'data' | 'datasets' | 'rates' | 'budgets' | 'arrivals' | 'minutes' | 'warmUpMinutes' | 'seeds' | 'seed'
  > {
  /** Of a gateway or any OpenAI-compatible server; `/v1` at its end may be left out. */
  readonly url: string
  /** Sent as bearer token; never written anywhere. */
  readonly key: string | null
  readonly model: string
  /** Simulated seconds per second, as the gateway's pool was started with. > 0. */
  readonly timeScale: number
}

/** The name under which the results stand. */
export const liveMethod = ({ model }: Pick<LiveOptions, 'model'>): string => `live:${model}`

/** Throws ConfigError naming every fault. */
export function checkLiveOptions(options: LiveOptions): void {
  const ofTheTwin = {
    profile: '',
    know: 'estimated',
    records: 'none',
    faults: [],
    prefixCache: false,
    fluid: false,
  } as const
  checkBenchOptions({ ...ofTheTwin, ...options, methods: [liveMethod(options)] })
}

/** `http://host:port`, without a path of the API. Throws ConfigError unless it is an http or https URL. */
export function gatewayOrigin(url: string): string {
  const parsed = URL.canParse(url) ? new URL(url) : null
  if (parsed === null || !/^https?:$/.test(parsed.protocol)) {
    const fix = 'Give it with its scheme: --live http://127.0.0.1:8080.'
    throw new ConfigError([{ path: '--live', expected: 'an http or https URL', got: url, fix }], 'the command line')
  }
  return `${parsed.origin}${parsed.pathname}`.replace(/\/+$/, '').replace(/\/v1$/, '')
}

/** The command that asks for the same measurement; the key and what cannot change the result are left out. */
export function liveCommand(options: LiveOptions): string {
  const parts = [
    `inframind bench --live ${gatewayOrigin(options.url)}`,
    `--model ${options.model}`,
    `--time-scale ${options.timeScale}`,
    ...(options.data === null ? [] : ['--data DIR']),
    `--datasets ${listed(options.datasets)}`,
    ...loadFlags(options),
  ]
  return parts.join(' ')
}
