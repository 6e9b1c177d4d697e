/** @file What a correct on-time answer costs: tokens, calls, engine time and energy, per method and rate. */
import { type Results, ratesOf, type SeedResult, sumOver } from '../results/results.ts'

/** Per correct on-time answer, over all cells of the rate; null: there was none, or no power figure. */
export interface Cost {
  readonly method: string
  readonly ratePerMinute: number
  readonly correctOnTime: number
  readonly outputTokens: number | null
  readonly calls: number | null
  readonly gpuSeconds: number | null
  readonly joules: number | null
}

export function costsOf({ cells }: Results, methods: readonly string[]): readonly Cost[] {
  return methods.flatMap((method) =>
    ratesOf(cells).flatMap((ratePerMinute): readonly Cost[] => {
      const results = cells
        .filter((cell) => cell.ratePerMinute === ratePerMinute)
        .flatMap((cell) => cell.byMethod.get(method) ?? [])
      return results.length === 0 ? [] : [{ method, ratePerMinute, ...costOf(results) }]
    }),
  )
}

function costOf(results: readonly SeedResult[]): Omit<Cost, 'method' | 'ratePerMinute'> {
  const correctOnTime = sumOver(results, (row) => row.correct_on_time)
  const per = (count: Parameters<typeof sumOver>[1]) =>
    correctOnTime === 0 ? null : sumOver(results, count) / correctOnTime
  const hasPower = results.every(({ row }) => row.joules !== null)
  return {
    correctOnTime,
    outputTokens: per((row) => row.output_tokens),
    calls: per((row) => row.calls),
    gpuSeconds: per((row) => row.gpu_seconds),
    joules: hasPower ? per((row) => row.joules ?? 0) : null,
  }
}
