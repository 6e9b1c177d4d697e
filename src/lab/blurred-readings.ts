/**
 * @file Engines whose metrics are worse than they are: off by a factor, or of some seconds ago. For ablation.
 *
 * A blurred reading looks like any other: nobody is told that it is old or wrong. Numbers are multiplied by exp(sigma z),
 * z drawn anew for each number and reading; counters grow by what they grew times such a factor, so that averages between two
 * readings are off alike and no counter runs backwards. Whether an engine is up, and what it can hold, stays true.
 */
import { type Engine, type EngineReading, keyedRandom, type Random, type SumCount } from '../core/index.ts'

export interface MetricsBlur {
  /** Spread of ln(reading / truth). Default 0. */
  readonly noise?: number
  /** How old the numbers are at least; with polls every p ms, up to p ms older. Default 0. */
  readonly ageMs?: number
}

const counters = ['ttft', 'interToken', 'e2e', 'queueTime'] as const
type Counters = Partial<Record<(typeof counters)[number], { readonly told: SumCount; readonly read: SumCount }>>

/** `engines` as who reads them sees them; the same engines where nothing is to be blurred. */
export function blurReadings(
  engines: readonly Engine[],
  { noise = 0, ageMs = 0 }: MetricsBlur,
  seed: number,
): readonly Engine[] {
  if (noise === 0 && ageMs === 0) return engines
  return engines.map((engine) => {
    const age = agedReader(ageMs)
    const blur = noisyReader(noise, keyedRandom(seed, `metrics|${engine.id}`))
    return {
      id: engine.id,
      model: engine.model,
      run: (call, signal, observer) => engine.run(call, signal, observer),
      read: async (signal) => {
        const reading = await engine.read(signal)
        return reading.health === 'ok' ? blur(age(reading)) : reading
      },
    }
  })
}

/** The newest reading that is old enough, as if it were of now; the first one while none is. */
function agedReader(ageMs: number): (reading: EngineReading) => EngineReading {
  let kept: EngineReading[] = []
  return (reading) => {
    kept.push(reading)
    const newest = kept.findLastIndex(({ atMs }) => atMs <= reading.atMs - ageMs)
    kept = kept.slice(Math.max(0, newest))
    return { ...(kept[0] as EngineReading), atMs: reading.atMs }
  }
}

function noisyReader(noise: number, random: Random): (reading: EngineReading) => EngineReading {
  let known: Counters = {}
  const factor = () => Math.exp(noise * random.normal())
  const count = (value: number | null) => (value === null ? null : Math.round(value * factor()))
  return (reading) => {
    if (noise === 0) return reading
    const { running, waiting, kvUsage } = reading
    const blurred = {
      ...reading,
      running: count(running),
      waiting: count(waiting),
      kvUsage: kvUsage === null ? null : Math.min(1, kvUsage * factor()),
    }
    const next: Counters = {}
    for (const name of counters) {
      const read = reading[name]
      if (read === null) continue
      const before = known[name] ?? { told: { sumMs: 0, count: 0 }, read: { sumMs: 0, count: 0 } }
      const grown = (read.sumMs - before.read.sumMs) * factor()
      const told = { sumMs: before.told.sumMs + grown, count: read.count }
      next[name] = { told, read }
      blurred[name] = told
    }
    known = next
    return blurred
  }
}
