/**
 * @file Measured traffic without a pool: a simulated pool of a profile of one's own, loaded as `collect` loads a real one,
 * with every call written down in the form of `calls.jsonl` and `graded.jsonl`.
 */
import type { Domain, EngineCall, Profile, StrategyId } from '../../src/core/index.ts'
import { CallSignal, keyedRandom, strategyIds } from '../../src/core/index.ts'
import type { GradedAnswer } from '../../src/lab/calibrate/pool/graded.ts'
import type { PoolCall } from '../../src/lab/calibrate/pool/index.ts'
import { createTwinWorld, type TwinWorld } from '../../src/lab/index.ts'
import type { Question } from '../../src/lab/questions/index.ts'
import { classify } from '../../src/policy/index.ts'
import type { SimulatedEngine } from '../../src/twin/index.ts'

export interface TrafficOptions {
  readonly profile: Profile
  readonly questions: readonly Question[]
  readonly seed: number
}

export interface CollectedTraffic {
  readonly calls: readonly PoolCall[]
  readonly graded: readonly GradedAnswer[]
}

const capTokens = 2048
/** As the policies read it: off the text. */
const domainOf = ({ text }: Question): Domain => classify({ messages: [], text }).domain

class Collector {
  readonly calls: PoolCall[] = []
  readonly graded: GradedAnswer[] = []
  readonly world: TwinWorld
  readonly #options: TrafficOptions
  readonly #never = new CallSignal()
  readonly #unlimited = new AbortController().signal
  #count = 0

  constructor(options: TrafficOptions) {
    this.#options = options
    this.world = createTwinWorld({ ...options, trace: { write: () => {} } })
  }

  async ask(engine: SimulatedEngine, level: number | null): Promise<void> {
    const { questions, seed } = this.#options
    const index = this.#count++
    const random = keyedRandom(seed, `call|${index}`)
    const question = random.pick(questions)
    const strategy: StrategyId = random.pick(strategyIds)
    const seen = await engine.read(this.#unlimited)
    const call = callOf(question, { index, strategy, promptTokens: 60 + random.below(600) })
    const result = await engine.run(call, this.#never)
    const isCut = result.status === 'cut'
    const domain = domainOf(question)
    this.calls.push({
      engine: engine.id,
      model: engine.model,
      strategy,
      domain,
      level,
      promptTokens: result.usage.promptTokens,
      outputTokens: result.usage.outputTokens,
      isCut,
      sentAtMs: result.sentAtMs,
      firstTokenAtMs: result.firstTokenAtMs,
      finishedAtMs: result.finishedAtMs,
      running: seen.running,
      waiting: seen.waiting,
      kvUsage: seen.kvUsage,
      capTokens,
    })
    this.graded.push({
      id: question.id,
      set: question.dataset,
      domain,
      model: engine.model,
      strategy,
      isCorrect: this.world.answers.isRight(question, result.text),
      outputTokens: result.usage.outputTokens,
      isCut,
    })
  }

  /** `count` calls on each engine, `level` under way at a time; engines together or one after the other. */
  async load(
    level: number,
    { count, isTogether }: { readonly count: number; readonly isTogether: boolean },
  ): Promise<void> {
    const { engines } = this.world
    const keepBusy = async (engine: SimulatedEngine) => {
      let left = count
      const worker = async () => {
        while (left-- > 0) await this.ask(engine, level)
      }
      await Promise.all(Array.from({ length: level }, worker))
    }
    if (isTogether) await Promise.all(engines.map(keepBusy))
    else for (const engine of engines) await keepBusy(engine)
  }

  /** Poisson arrivals on each engine. */
  async arrive(ratePerMinute: number, count: number): Promise<void> {
    const { clock, engines } = this.world
    const startMs = clock.nowMs()
    const all = engines.flatMap((engine) => {
      const random = keyedRandom(this.#options.seed, `arrivals|${engine.id}`)
      let atMs = startMs
      return Array.from({ length: count }, () => {
        atMs += random.exponential(60_000 / ratePerMinute)
        const at = atMs
        return new Promise<void>((resolve, reject) => {
          clock.at(at, () => void this.ask(engine, null).then(resolve, reject))
        })
      })
    })
    await Promise.all(all)
  }
}

const callOf = (
  question: Question,
  {
    index,
    strategy,
    promptTokens,
  }: { readonly index: number; readonly strategy: StrategyId; readonly promptTokens: number },
): EngineCall => ({
  id: `run_collect/${index}`,
  messages: () => [],
  meaning: { questionText: question.text, strategy, kind: 'solve', role: null, inputs: [] },
  promptTokens,
  maxOutputTokens: capTokens,
  deadlineAtMs: 0,
  body: {},
})

const inOrder = ({ calls, graded }: Collector): CollectedTraffic => ({
  calls: [...calls].sort((a, b) => a.sentAtMs - b.sentAtMs),
  graded,
})

/** Load as `collect` gives it: `count` calls per model one at a time, then 10 and 50 at once on all models. */
export async function collectTraffic(options: TrafficOptions, count: number): Promise<CollectedTraffic> {
  const collector = new Collector(options)
  const collect = async () => {
    await collector.load(1, { count, isTogether: false })
    await collector.load(10, { count: 2 * count, isTogether: true })
    await collector.load(50, { count: 3 * count, isTogether: true })
  }
  await collector.world.clock.run(collect())
  return inOrder(collector)
}

/** Ordinary traffic: Poisson arrivals on every model. */
export async function openTraffic(
  options: TrafficOptions,
  load: { readonly ratePerMinute: number; readonly count: number },
): Promise<CollectedTraffic> {
  const collector = new Collector(options)
  await collector.world.clock.run(collector.arrive(load.ratePerMinute, load.count))
  return inOrder(collector)
}
