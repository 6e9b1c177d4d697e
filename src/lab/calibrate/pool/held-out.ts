/**
 * @file How far the calibrated twin is from traffic that it was not fitted to.
 *
 * The last fifth, by time, of every model's calls under every level of load is held out. The whole traffic is replayed:
 * once with the tokens that were written, which tests the machine alone (log-errors call by call), and many times with the
 * held-out answers' tokens drawn from the fitted lengths, which tests the profile as a simulation uses it (percentiles).
 * Levels stand apart too: over all of them delays have several peaks, and a median between two says nothing.
 *
 * Coverage: the share of calls within the range of the draws, each multiplied by an error of the machine as the training
 * calls show it. Noise: by how much the measured percentile itself may be off, by bootstrap over calls.
 */
import { keyedRandom, type ModelId, mean, type Profile, quantileSorted, type Random } from '../../../core/index.ts'
import { drawLength, type LengthFit } from './fit-lengths.ts'
import { e2eMsOf, type PoolCall, ttftMsOf } from './pool-call.ts'
import { type Causes, type Replayed, replay } from './replay.ts'
import { byKey } from './traffic.ts'

export interface PercentilePair {
  readonly measuredMs: number
  readonly simulatedMs: number
  /** simulated / measured - 1. */
  readonly error: number
  /** Half the 95 % interval of the measured one, relative: an error below it is none. */
  readonly noise: number
}

export interface LatencyError {
  readonly p50: PercentilePair
  readonly p95: PercentilePair
  /** Of ln(simulated / measured), tokens as written: mean, and deviation. */
  readonly logBias: number
  readonly logSpread: number
  /** Share of calls within the range of `draws` replays with drawn lengths; `expectedCoverage` when calibrated. */
  readonly coverage: number
}

export interface HeldOutError {
  /** Null: all models together. */
  readonly model: ModelId | null
  /** Null: all levels together. */
  readonly level: number | null
  readonly calls: number
  readonly e2e: LatencyError
  readonly ttft: LatencyError
}

/** So many draws that their range should hold nine calls of ten: (n - 1) / (n + 1). */
const draws = 19
const resamples = 200
const heldOutFraction = 0.2
/** Fewer calls say nothing of a 95th percentile. */
const leastCalls = 10

export const expectedCoverage = (draws - 1) / (draws + 1)

/**
 * Which calls are held out: the last fifth of each model's under each level. `calls` in the order of sending. Background
 * requests never are: at the end of a level the long ones among them were given up, and the rest would look too short.
 */
export function holdOut(calls: readonly PoolCall[]): readonly boolean[] {
  const isHeldOut = calls.map(() => false)
  const measured = [...calls.keys()].filter((index) => calls[index]!.isBackground !== true)
  const groups = byKey(measured, (index) => `${calls[index]!.model}|${calls[index]!.level}`)
  for (const indices of groups.values()) {
    for (const index of indices.slice(Math.ceil((1 - heldOutFraction) * indices.length))) isHeldOut[index] = true
  }
  return isHeldOut
}

export interface HeldOutOptions {
  readonly profile: Profile
  readonly lengths: LengthFit
  readonly causes: Causes
  readonly isHeldOut: readonly boolean[]
  readonly seed: number
}

/** Errors over all calls, by level, by model, and by both; groups with hardly any held-out call are absent. */
export async function heldOutErrors(
  calls: readonly PoolCall[],
  options: HeldOutOptions,
): Promise<readonly HeldOutError[]> {
  const { profile, causes, isHeldOut } = options
  const asWritten = await replay(calls, { profile, causes })
  const drawn: (readonly Replayed[])[] = []
  for (let draw = 0; draw < draws; draw += 1) {
    drawn.push(await replay(calls, { profile, causes, outputTokens: drawTokens(calls, options, draw) }))
  }
  // Calls that were given up had no end of their own to compare with.
  const complete = [...calls.keys()].filter((index) => !isGivenUp(calls[index]!))
  const [judged, training] = [
    complete.filter((index) => isHeldOut[index]),
    complete.filter((index) => !isHeldOut[index]),
  ]
  return groupsOf(calls, judged).map(({ model, level, indices }) => {
    const kin = training.filter((index) => isIn(calls[index]!, { model, level }))
    const compare = (msOf: (times: Replayed) => number | null): LatencyError =>
      errorOf({
        random: keyedRandom(options.seed, `held-out|${model}|${level}`),
        measured: indices.map((index) => msOf(timesOf(calls[index]!))),
        asWritten: indices.map((index) => msOf(asWritten[index]!)),
        drawn: drawn.map((each) => indices.map((index) => msOf(each[index]!))),
        residuals: kin.flatMap((index) => {
          const [real, simulated] = [msOf(timesOf(calls[index]!)), msOf(asWritten[index]!)]
          return real === null || simulated === null ? [] : [Math.log(real / simulated)]
        }),
      })
    return {
      model,
      level,
      calls: indices.length,
      e2e: compare(({ e2eMs }) => e2eMs),
      ttft: compare(({ ttftMs }) => ttftMs),
    }
  })
}

type Group = Pick<HeldOutError, 'model' | 'level'>

const timesOf = (call: PoolCall): Replayed => ({ ttftMs: ttftMsOf(call), e2eMs: e2eMsOf(call) })
const isIn = (call: PoolCall, { model, level }: Group): boolean =>
  (model === null || call.model === model) && (level === null || call.level === level)

function groupsOf(calls: readonly PoolCall[], judged: readonly number[]) {
  const models = [...new Set(judged.map((index) => calls[index]!.model))].sort()
  const levels = [...new Set(judged.flatMap((index) => calls[index]!.level ?? []))].sort((a, b) => a - b)
  const groups: readonly Group[] = [null, ...models].flatMap((model) =>
    [null, ...levels].map((level) => ({ model, level })),
  )
  return groups
    .map((group) => ({ ...group, indices: judged.filter((index) => isIn(calls[index]!, group)) }))
    .filter(({ indices }) => indices.length >= leastCalls)
}

/** Cut before its cap: by the caller, or by what a gateway does not tell. */
const isGivenUp = ({ isCut, capTokens, outputTokens }: PoolCall): boolean =>
  isCut && (capTokens === null || outputTokens < capTokens)

function drawTokens(
  calls: readonly PoolCall[],
  { lengths, isHeldOut, seed, profile }: HeldOutOptions,
  draw: number,
): readonly number[] {
  const random = keyedRandom(seed, `lengths|${draw}`)
  return calls.map((call, index) => {
    if (!isHeldOut[index] || isGivenUp(call)) return call.outputTokens
    const { model, strategy, promptTokens, capTokens } = call
    const tokens = drawLength(lengths.parts({ model, domain: call.domain ?? 'general', strategy }), random)
    const room = profile.models[model]!.maxModelLen.value - promptTokens
    return Math.max(1, Math.min(tokens, capTokens ?? Infinity, room))
  })
}

interface Compared {
  readonly random: Random
  /** Per held-out call, in ms; null: not known. */
  readonly measured: readonly (number | null)[]
  readonly asWritten: readonly (number | null)[]
  /** Per draw. */
  readonly drawn: readonly (readonly (number | null)[])[]
  /** ln(measured / simulated) of training calls, tokens as written. */
  readonly residuals: readonly number[]
}

function errorOf({ random, measured, asWritten, drawn, residuals }: Compared): LatencyError {
  const seen = [...measured.keys()].filter((place) => measured[place] !== null)
  const real = ascending(seen.map((place) => measured[place]!))
  const simulated = ascending(drawn.flatMap((each) => seen.flatMap((place) => each[place] ?? [])))
  const logs = seen.flatMap((place) => {
    const ms = asWritten[place] ?? null
    return ms === null ? [] : [Math.log(ms / measured[place]!)]
  })
  const logBias = mean(logs)
  const within = seen.filter((place) => {
    const blurred = drawn.flatMap((each) => {
      const ms = each[place] ?? null
      return ms === null ? [] : [ms * Math.exp(residuals.length === 0 ? 0 : random.pick(residuals))]
    })
    return measured[place]! >= Math.min(...blurred) && measured[place]! <= Math.max(...blurred)
  })
  return {
    p50: pair(0.5, { real, simulated, random }),
    p95: pair(0.95, { real, simulated, random }),
    logBias,
    logSpread: Math.sqrt(mean(logs.map((value) => (value - logBias) ** 2))),
    coverage: within.length / seen.length,
  }
}

const ascending = (values: readonly number[]): readonly number[] => [...values].sort((a, b) => a - b)

interface Samples {
  /** Both ascending. */
  readonly real: readonly number[]
  readonly simulated: readonly number[]
  readonly random: Random
}

function pair(p: number, { real, simulated, random }: Samples): PercentilePair {
  const [measuredMs, simulatedMs] = [quantileSorted(real, p), quantileSorted(simulated, p)]
  const again = ascending(
    Array.from({ length: resamples }, () => quantileSorted(ascending(real.map(() => random.pick(real))), p)),
  )
  const noise = (quantileSorted(again, 0.975) - quantileSorted(again, 0.025)) / 2 / measuredMs
  return { measuredMs, simulatedMs, error: simulatedMs / measuredMs - 1, noise }
}
