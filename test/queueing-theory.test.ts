/**
 * @file The simulated engine against queueing theory: M/G/1 (Pollaczek-Khinchine), M/M/c (Erlang C), and Little's law.
 *
 * Steps of 1 ms, so that a call of n tokens holds its slot for n ms. With several slots an arrival waits for the next
 * step boundary: half a step on average, which is added to the theory. Errors of the means by batch means; fixed seeds;
 * a deviation beyond 4 standard errors fails.
 */
import { expect, it } from 'vitest'
import { createRandom, mean, type Random } from '../src/core/index.ts'
import { aMachine, createRig } from './simulated-rig.ts'

interface Load {
  readonly seed: number
  readonly slots: number
  readonly meanGapMs: number
  readonly calls: number
  readonly tokens: (random: Random) => number
  /** Look at the engine once per mean gap. */
  readonly isWatched?: boolean
}

interface Measured {
  /** By call, in order of arrival: wait for the slot, and time in the engine. ms. */
  readonly waits: readonly number[]
  readonly sojourns: readonly number[]
  /** Calls in the engine, seen at even intervals. */
  readonly inSystem: readonly number[]
  readonly elapsedMs: number
}

async function simulate({ seed, slots, meanGapMs, calls, tokens, isWatched = false }: Load): Promise<Measured> {
  const random = createRandom(seed)
  const { clock, engine, send } = createRig({ machine: aMachine({ slots }), scheduling: 'fcfs' })
  const [waits, sojourns, inSystem]: [number[], number[], number[]] = [[], [], []]
  const never = new AbortController().signal
  const finished = new Promise<void>((resolve) => {
    let ended = 0
    let index = 0
    const arrive = () => {
      const call = index++
      const outputTokens = tokens(random)
      void send({ outputTokens, text: '' }, quietSignal).then(({ sentAtMs, firstTokenAtMs, finishedAtMs }) => {
        // The first token takes a step of service.
        waits[call] = (firstTokenAtMs ?? Number.NaN) - 1 - sentAtMs
        sojourns[call] = finishedAtMs - sentAtMs
        if (++ended === calls) resolve()
      })
      if (index < calls) clock.at(clock.nowMs() + random.exponential(meanGapMs), arrive)
    }
    const look = async () => {
      const { running, waiting } = await engine.read(never)
      inSystem.push((running ?? Number.NaN) + (waiting ?? Number.NaN))
      if (index < calls) clock.at(clock.nowMs() + meanGapMs, () => void look())
    }
    clock.at(0, arrive)
    if (isWatched) clock.at(0, () => void look())
  })
  await clock.run(finished)
  return { waits, sojourns, inSystem, elapsedMs: clock.nowMs() }
}

/** Never fires. A true signal per call would cost more than the simulated call. */
const quietSignal = {
  aborted: false,
  addEventListener: () => {},
  removeEventListener: () => {},
} as unknown as AbortSignal

interface Deviation {
  /** Of the mean from the theory, in standard errors. */
  readonly sigmas: number
  /** Standard error over the theory's value: how sharp the comparison is. */
  readonly errorShare: number
}

/** By 40 batches, after a warm-up of a twentieth. */
function deviation(values: readonly number[], expected: number): Deviation {
  const steady = values.slice(values.length / 20)
  const size = Math.floor(steady.length / 40)
  const batches = Array.from({ length: 40 }, (_, batch) => mean(steady.slice(batch * size, (batch + 1) * size)))
  const centre = mean(batches)
  const variance = batches.reduce((sum, value) => sum + (value - centre) ** 2, 0) / 39
  const error = Math.sqrt(variance / 40)
  return { sigmas: Math.abs(centre - expected) / error, errorShare: error / expected }
}

function expectTheory(values: readonly number[], expected: number): void {
  const { sigmas, errorShare } = deviation(values, expected)
  expect(sigmas).toBeLessThan(4)
  expect(errorShare).toBeLessThan(0.1)
}

const geometric = (meanTokens: number) => (random: Random) =>
  Math.max(1, Math.ceil(Math.log(1 - random.uniform()) / Math.log(1 - 1 / meanTokens)))

/** Probability that an arrival must wait: `load` erlangs on `slots` slots. */
function erlangC(slots: number, load: number): number {
  let blocking = 1
  for (let slot = 1; slot <= slots; slot++) blocking = (load * blocking) / (slot + load * blocking)
  return blocking / (1 - (load / slots) * (1 - blocking))
}

const services = [
  { name: 'constant', tokens: () => 50, mean: 50, meanSquare: 2_500 },
  { name: 'geometric', tokens: geometric(50), mean: 50, meanSquare: 2 * 50 * 50 - 50 },
  {
    name: 'mostly short, some long',
    tokens: (random: Random) => (random.uniform() < 0.9 ? 10 : 410),
    mean: 50,
    meanSquare: 0.9 * 100 + 0.1 * 410 * 410,
  },
]

const utilisation = 0.75

it.each(services)('one slot, $name service: mean wait as Pollaczek and Khinchine say', async (service) => {
  const meanGapMs = service.mean / utilisation
  const { waits } = await simulate({ seed: 1, slots: 1, meanGapMs, calls: 100_000, tokens: service.tokens })
  expectTheory(waits, service.meanSquare / meanGapMs / (2 * (1 - utilisation)))
})

it.each([2, 4, 16])('%i slots, geometric lengths of mean 1,000: mean wait as Erlang says', async (slots) => {
  const meanGapMs = 1_000 / (slots * utilisation)
  const load = { seed: slots, slots, meanGapMs, calls: 100_000, tokens: geometric(1_000) }
  const { waits } = await simulate(load)
  expectTheory(waits, (erlangC(slots, slots * utilisation) * 1_000) / (slots * (1 - utilisation)) + 0.5)
})

it.each([1, 8])(
  '%i slots: as many in the engine as arrive in the time that one spends there (Little)',
  async (slots) => {
    const load = { seed: 11, slots, meanGapMs: 200 / (slots * utilisation), calls: 30_000, tokens: geometric(200) }
    const { sojourns, inSystem, elapsedMs } = await simulate({ ...load, isWatched: true })
    expectTheory(inSystem, (sojourns.length / elapsedMs) * mean(sojourns))
  },
)
