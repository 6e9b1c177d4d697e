/**
 * @file What `calibrate` prints: the fitted figures with their intervals, what could not be told, and the twin's errors on
 * held-out traffic. The same numbers as an object for `--json`.
 */
import { domains, type ModelId, strategyIds } from '../../../core/index.ts'
import { armQuality } from './build-profile.ts'
import type { Calibration } from './calibrate-pool.ts'
import { expectedCoverage, type HeldOutError, type LatencyError, type PercentilePair } from './held-out.ts'

export interface CalibrationReport {
  readonly profile: string
  readonly calls: number
  readonly gradedAnswers: number
  readonly traffic: 'open' | 'closed' | 'samples without instants'
  readonly apiOverheadMs: number
  readonly colocationEta: number
  readonly machines: readonly MachineLine[]
  readonly quality: readonly QualityLine[]
  /** Mean |log-error| of training calls before and after replays; null: no replays. */
  readonly refined: Calibration['refined']
  readonly heldOut: readonly HeldOutError[]
  readonly warnings: readonly string[]
}

export interface MachineLine {
  readonly model: ModelId
  readonly calls: number
  readonly decodeMs: number
  /** 95 %; null: assumed. */
  readonly decodeInterval: readonly [number, number] | null
  readonly perKvTokenUs: number
  readonly prefillMs: number
  readonly perPromptTokenUs: number
  readonly slots: number
  readonly slotsTag: string
  readonly kvTokens: number
  readonly kvTag: string
}

export interface QualityLine {
  readonly model: ModelId
  readonly domain: string
  readonly strategy: string
  readonly graded: number
  readonly right: number
  readonly quality: number
  readonly interval: readonly [number, number]
}

/** Arms with graded answers only. */
export function reportOf({ profile, fit, ...calibration }: Calibration): CalibrationReport {
  return {
    profile: profile.id,
    calls: calibration.calls,
    gradedAnswers: calibration.graded,
    traffic: calibration.calls === 0 ? 'samples without instants' : calibration.isClosedTraffic ? 'closed' : 'open',
    apiOverheadMs: profile.apiOverheadMs.value,
    colocationEta: profile.colocationEta.value,
    machines: Object.entries(profile.models).map(([model, { step, host, slots, kvTokens }]) => ({
      model,
      calls: fit.callCounts.get(model) ?? 0,
      decodeMs: step.value.decodeC0 + host.value,
      decodeInterval: step.interval ?? null,
      perKvTokenUs: 1000 * step.value.decodeC3,
      prefillMs: step.value.b0 + host.value,
      perPromptTokenUs: 1000 * step.value.k1,
      slots: slots.value,
      slotsTag: slots.tag,
      kvTokens: kvTokens.value,
      kvTag: kvTokens.tag,
    })),
    quality: Object.keys(profile.models).flatMap((model) =>
      domains.flatMap((domain) =>
        strategyIds.flatMap((strategy): QualityLine | readonly [] => {
          const counts = fit.quality.counts({ model, domain, strategy })
          if (counts.graded === 0) return []
          const { value, interval } = armQuality(fit, { model, domain, strategy })
          return { model, domain, strategy, ...counts, quality: value, interval }
        }),
      ),
    ),
    refined: calibration.refined,
    heldOut: calibration.heldOut,
    warnings: calibration.warnings,
  }
}

/** The report as lines of plain text. */
export function reportText(report: CalibrationReport): readonly string[] {
  const { calls, gradedAnswers, traffic, apiOverheadMs, colocationEta, refined, warnings } = report
  return [
    `${report.profile}: ${calls} calls (${traffic} traffic), ${gradedAnswers} graded answers`,
    `API overhead ${apiOverheadMs.toFixed(1)} ms, slowdown by neighbours (eta) ${colocationEta.toFixed(2)}`,
    '',
    ...table(
      ['model', 'calls', 'decode ms (95 %)', 'us/KV token', 'prefill ms', 'us/prompt token', 'slots', 'KV tokens'],
      report.machines.map(machineCells),
    ),
    '',
    ...(refined
      ? [`replays: mean |log-error| of training calls ${refined.before.toFixed(3)} -> ${refined.after.toFixed(3)}`, '']
      : []),
    ...qualityLines(report),
    ...heldOutLines(report),
    ...warnings.map((warning) => `warning: ${warning}`),
  ]
}

function machineCells(line: MachineLine): readonly string[] {
  const { decodeInterval: interval } = line
  const range = interval ? `${interval[0].toFixed(2)}-${interval[1].toFixed(2)}` : 'assumed'
  const mark = (value: number, tag: string) => `${value}${tag === 'assumed' ? ' assumed' : ''}`
  return [
    line.model,
    String(line.calls),
    `${line.decodeMs.toFixed(2)} (${range})`,
    line.perKvTokenUs.toFixed(4),
    line.prefillMs.toFixed(2),
    line.perPromptTokenUs.toFixed(2),
    mark(line.slots, line.slotsTag),
    mark(line.kvTokens, line.kvTag),
  ]
}

function qualityLines({ quality }: CalibrationReport): readonly string[] {
  if (quality.length === 0) return []
  const rows = quality.map(({ model, domain, strategy, graded, right, quality: value, interval }) => [
    model,
    domain,
    strategy,
    `${right}/${graded}`,
    `${value.toFixed(2)} (${interval[0].toFixed(2)}-${interval[1].toFixed(2)})`,
  ])
  return [...table(['model', 'domain', 'depth', 'right', 'P(right) (95 %)'], rows), '']
}

function heldOutLines({ heldOut }: CalibrationReport): readonly string[] {
  if (heldOut.length === 0) return ['no calls with instants: nothing could be replayed, so no error is known', '']
  const hasLevels = heldOut.some(({ level }) => level !== null)
  // Over all levels a model's delays have several peaks; such rows stand in the JSON alone.
  const told = heldOut.filter(({ model, level }) => model === null || level !== null || !hasLevels)
  const rows = told.flatMap((row) =>
    (['e2e', 'ttft'] as const).map((part) => [
      row.model ?? 'all',
      row.level === null ? 'all' : String(row.level),
      part,
      String(row.calls),
      ...errorCells(row[part]),
    ]),
  )
  return [
    'the twin on held-out traffic (simulated / measured ms; +-: what the measured percentile itself may be off by)',
    ...table(
      ['model', 'level', '', 'calls', 'p50', 'p95', 'log bias', 'log spread', `coverage of ${expectedCoverage}`],
      rows,
    ),
    '',
  ]
}

const errorCells = ({ p50, p95, logBias, logSpread, coverage }: LatencyError): readonly string[] => [
  pairCell(p50),
  pairCell(p95),
  logBias.toFixed(3),
  logSpread.toFixed(3),
  coverage.toFixed(2),
]

const pairCell = ({ measuredMs, simulatedMs, error, noise }: PercentilePair): string =>
  `${simulatedMs.toFixed(0)} / ${measuredMs.toFixed(0)} (${error < 0 ? '' : '+'}${(100 * error).toFixed(1)} % +-${(100 * noise).toFixed(0)})`

/** Columns as wide as their widest cell. */
function table(header: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  const widths = header.map((cell, column) => Math.max(cell.length, ...rows.map((row) => row[column]!.length)))
  return [header, ...rows].map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column]!))
      .join('  ')
      .trimEnd(),
  )
}
