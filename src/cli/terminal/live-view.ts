/** @file The live view of a pool in ten lines: queue, KV use and on-time share per model. */
import type { ClusterState, ModelState } from '../../core/index.ts'
import type { Output } from './output.ts'
import type { RunTally, TallyTotals } from './run-tally.ts'

export interface LiveViewFrame {
  readonly state: ClusterState
  readonly tally: RunTally
  /** Where the gateway listens. */
  readonly url: string
  /** Background load, or null. */
  readonly ratePerMinute: number | null
  readonly isSimulated: boolean
  /** Columns of the terminal. */
  readonly columns: number
}

const percent = (fraction: number | null): string => (fraction === null ? '-' : `${Math.round(fraction * 100)} %`)
const seconds = (ms: number | null): string => (ms === null ? '-' : `${(ms / 1000).toFixed(1)} s`)

/** The frame as lines, none longer than `columns`. Ten at most: with more than five models the idlest are summed up. */
export function liveViewLines(frame: LiveViewFrame): readonly string[] {
  const { state, tally } = frame
  const shown = busiest(state.models, 5)
  const others = state.models.length - shown.length
  const lines = [
    heading(frame),
    row(['model', 'running', 'waiting', 'gateway', 'KV use', 'on time']),
    ...shown.map((model) => modelLine(model, tally)),
    ...(others > 0 ? [`  and ${others} more models, all less busy`] : []),
    totalsLine(tally.totals()),
  ]
  return lines.map((line) => line.slice(0, frame.columns))
}

function heading({ url, ratePerMinute, isSimulated }: LiveViewFrame): string {
  const load = ratePerMinute === null ? '' : `, background load ${ratePerMinute} queries/min`
  return `inframind on ${url}${isSimulated ? ' [SIMULATED pool]' : ''}${load}`
}

const row = ([name, ...cells]: readonly string[]): string =>
  `  ${(name ?? '').slice(0, 34).padEnd(34)}${cells.map((cell) => cell.padStart(9)).join('')}`

function modelLine(model: ModelState, tally: RunTally): string {
  const running = model.isUsable ? `${Math.round(model.running)}/${model.slots}` : 'down'
  return row([
    model.model,
    running,
    String(Math.round(model.waiting)),
    String(model.gatewayWaiting),
    percent(model.kvUsage),
    percent(tally.onTimeShare(model.model)),
  ])
}

function totalsLine(totals: TallyTotals): string {
  const share = totals.arrived === 0 ? null : totals.onTime / totals.arrived
  return (
    `  ${totals.arrived} queries, ${percent(share)} on time, ${totals.degraded} degraded, ${totals.refused} refused, ` +
    `${totals.failed} failed, p50 ${seconds(totals.p50Ms)}, p95 ${seconds(totals.p95Ms)}`
  )
}

/** At most `count` models, in their own order; the idlest are left out. */
function busiest(models: readonly ModelState[], count: number): readonly ModelState[] {
  if (models.length <= count) return models
  const pressure = (model: ModelState) => model.running + model.waiting + model.gatewayWaiting
  const kept = new Set([...models].sort((a, b) => pressure(b) - pressure(a)).slice(0, count))
  return models.filter((model) => kept.has(model))
}

/** Redraws the view in place every second on a terminal; elsewhere draws nothing. */
export function startLiveView(output: Output, frame: () => LiveViewFrame): { stop(): void } {
  if (!output.isTerminal) return { stop: () => {} }
  let drawn = 0
  const draw = () => {
    const lines = liveViewLines(frame())
    // Up over the last frame, then each line anew: no flicker, and what scrolled by above stays.
    output.raw(`${drawn > 0 ? `\x1b[${drawn}A` : ''}${lines.map((line) => `\x1b[2K${line}\n`).join('')}`)
    drawn = lines.length
  }
  const timer = setInterval(draw, 1000)
  return { stop: () => clearInterval(timer) }
}
