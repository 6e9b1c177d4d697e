/**
 * @file Phase 2: every prompt under every strategy on every model, at every level of load.
 *
 * Cells are played in rounds: some prompts of all, drawn from the seed, through all models and levels; so a collection that
 * ends early has seen everything alike. In a round each model is held at each level in turn (`hold-load.ts`), one model
 * after the other unless asked otherwise, from the engine's rest to its rest. The state of an engine is read right before
 * each request. Replicas of a model share its load evenly.
 */
import {
  type CallResult,
  type Engine,
  type EngineCall,
  hashText,
  keyedRandom,
  type ModelId,
  type Random,
  strategyIds,
} from '../../core/index.ts'
import { isReasoningModelName } from '../../policy/index.ts'
import { outputCapTokens } from '../../team/index.ts'
import { isHopeless } from './call-desk.ts'
import { type CollectParts, modelsOf } from './collection.ts'
import { holdLoad, type SendTerms, type Sent } from './hold-load.ts'
import { type Cell, cellKey, type PromptLine } from './lines.ts'
import { saltOf, saltTokens, withSalt } from './salt.ts'
import { shuffled } from './sources.ts'
import { withStrategy } from './strategy-text.ts'

/** Where an engine orders by deadline, replays yield to traffic that is in more of a hurry. ms. */
const deadlineMs = 600_000
const leastPromptsPerRound = 4
/** How long an engine is given to come to rest after a level, where it says its load. ms. */
const restMs = 30_000
/** And where it does not, so that nothing else tells. ms. */
const blindRestMs = 3000
const lookEveryMs = 50
/** Rounds in a row of which nothing came, while engines answer. */
const mostVain = 3

/** The prompts to replay, in the order of the rounds: each has its own place, so that further ones only come between. */
export const promptsToReplay = (
  prompts: readonly PromptLine[],
  seed: number,
  most: number | null,
): readonly PromptLine[] =>
  prompts
    .map((prompt) => ({ prompt, place: hashText(`${seed} replay ${prompt.id}`) }))
    .sort((a, b) => a.place - b.place || (a.prompt.id < b.prompt.id ? -1 : 1))
    .slice(0, most ?? prompts.length)
    .map(({ prompt }) => prompt)

/** All cells of `prompts`. */
export const cellsOf = (
  prompts: readonly PromptLine[],
  { models, levels }: { readonly models: readonly ModelId[]; readonly levels: readonly number[] },
): readonly Cell[] =>
  prompts.flatMap(({ id }) =>
    models.flatMap((model) =>
      levels.flatMap((level) => strategyIds.map((strategy) => ({ prompt: id, strategy, model, level }))),
    ),
  )

/** Prompts of one round: enough that building the load up and down is a small part of it. */
export const promptsPerRound = (levels: readonly number[]): number =>
  Math.max(leastPromptsPerRound, Math.ceil((2 * Math.max(...levels)) / strategyIds.length))

/** Plays the cells that are not there yet. Throws POOL_UNAVAILABLE where all engines stay away. */
export async function replayPrompts(parts: CollectParts): Promise<void> {
  await new Replayer(parts).run()
}

class Replayer {
  readonly #parts: CollectParts
  readonly #prompts: ReadonlyMap<string, PromptLine>
  readonly #cells: readonly (Cell & { readonly key: string })[]
  readonly #resumed: number
  /** Played, but perhaps not written down yet: answers are judged first. */
  readonly #played = new Set<string>()
  readonly #assigned = new Map<string, number>()
  readonly #idPrefix: string
  readonly #backgroundRandom: Random
  readonly #startMs: number
  #backgrounds = 0
  #sent = 0
  #done: number

  constructor(parts: CollectParts) {
    this.#parts = parts
    const { files, options, run } = parts
    const prompts = promptsToReplay(files.prompts, options.seed, options.replay)
    this.#prompts = new Map(prompts.map((prompt) => [prompt.id, prompt]))
    const cells = cellsOf(prompts, { models: modelsOf(run.engines), levels: options.levels })
    this.#cells = cells.map((cell) => ({ ...cell, key: cellKey(cell) }))
    this.#done = this.#resumed = this.#cells.length - this.#open.length
    // Background requests of a later call of the command must not bear the names of an earlier one's.
    this.#idPrefix = `collect/background/${files.calls}`
    this.#startMs = run.clock.nowMs()
    this.#backgroundRandom = keyedRandom(options.seed, this.#idPrefix)
  }

  get #open(): readonly Cell[] {
    return this.#cells.filter(({ key }) => !this.#parts.files.hasCell(key))
  }

  get #isStopped(): boolean {
    return this.#parts.stop.isStopped || this.#parts.budget.end !== null
  }

  async run(): Promise<void> {
    const { health, desk } = this.#parts
    this.#tell()
    let vain = 0
    while (!this.#isStopped && vain < mostVain) {
      const open = this.#open
      if (open.length === 0) return
      const up = await health.untilUp([...new Set(open.map(({ model }) => model))])
      if (up.length === 0) return
      await this.#playRounds(open.filter(({ model }) => up.includes(model)))
      await desk.settled()
      vain = this.#open.length === open.length ? vain + 1 : 0
      this.#tell()
    }
  }

  async #playRounds(open: readonly Cell[]): Promise<void> {
    const { options, run } = this.#parts
    const size = promptsPerRound(options.levels)
    const prompts = [...this.#prompts.keys()]
    for (let from = 0; from < prompts.length && !this.#isStopped; from += size) {
      const part = new Set(prompts.slice(from, from + size))
      const cells = open.filter(({ prompt }) => part.has(prompt))
      const models = modelsOf(run.engines).filter((model) => cells.some((cell) => cell.model === model))
      const play = async () => {
        for (let model = models.shift(); model !== undefined; model = models.shift())
          await this.#playModel(model, cells)
      }
      await Promise.all(Array.from({ length: options.modelsAtOnce }, play))
    }
  }

  async #playModel(model: ModelId, cells: readonly Cell[]): Promise<void> {
    for (const level of this.#parts.options.levels) {
      const jobs = cells.filter((cell) => cell.model === model && cell.level === level)
      if (jobs.length > 0 && !this.#isStopped) await this.#playLevel(model, level, jobs)
    }
  }

  async #playLevel(model: ModelId, level: number, jobs: readonly Cell[]): Promise<void> {
    const { run, stop, budget, health, options } = this.#parts
    const engines = await health.upOf(model)
    if (engines.length === 0) return
    const before = await this.#loadOf(engines)
    const random = this.#backgroundRandom
    const prompts = [...this.#prompts.keys()]
    await holdLoad({
      level,
      jobs: shuffled(jobs, `${options.seed} ${model} ${level} ${jobs[0]?.prompt}`),
      background: () => ({ prompt: random.pick(prompts), strategy: random.pick(strategyIds), model, level }),
      send: (cell, terms) => this.#send(cell, terms, engines),
      clock: run.clock,
      signal: stop.signal,
      mayBegin: () => budget.end === null,
    })
    if (!(await this.#isAtRest(engines, before)))
      this.#parts.note(
        `${model}: more requests than before stay on it ${restMs / 1000} s after level ${level}; the next level comes on top`,
      )
  }

  /** Requests that the engines say they have; null: one does not say. */
  async #loadOf(engines: readonly Engine[]): Promise<number | null> {
    const readings = await Promise.all(engines.map((engine) => this.#parts.health.read(engine)))
    let sum = 0
    for (const reading of readings) {
      if (reading === null || reading.running === null) return null
      sum += reading.running + (reading.waiting ?? 0)
    }
    return sum
  }

  /**
   * What was given up may live on in an engine for a moment: the next load must not come on top of it. Waits for that;
   * false: in vain. True also where it cannot be told, or no load comes next.
   */
  async #isAtRest(engines: readonly Engine[], before: number | null): Promise<boolean> {
    const { run, health } = this.#parts
    const startMs = run.clock.nowMs()
    for (;;) {
      const load = before === null ? null : await this.#loadOf(engines)
      if (load !== null && before !== null && load <= before) return true
      const waitedMs = run.clock.nowMs() - startMs
      if (this.#isStopped || (load === null && waitedMs >= blindRestMs)) return true
      if (waitedMs >= restMs) return false
      await health.pause(lookEveryMs)
    }
  }

  async #send(cell: Cell, { part, signal, onSent }: SendTerms, engines: readonly Engine[]): Promise<Sent> {
    const { health, desk } = this.#parts
    const prompt = this.#prompts.get(cell.prompt) as PromptLine
    const engine = this.#take(engines)
    try {
      const reading = await health.read(engine)
      if (signal.aborted) return 'lost'
      // One that is too busy to tell is called all the same.
      if (reading !== null && reading.health !== 'ok') return 'failed'
      const isBackground = part === 'background'
      const sending = desk.send(engine, this.#toCall(prompt, cell, isBackground), {
        signal,
        about: {
          phase: 2,
          isBackground,
          prompt: prompt.id,
          role: prompt.role,
          domain: prompt.domain,
          level: cell.level,
          running: reading?.running ?? null,
          waiting: reading?.waiting ?? null,
          kvUsage: reading?.kvUsage ?? null,
          questionId: prompt.isGradable && !isBackground ? prompt.questionId : null,
        },
      })
      onSent()
      return outcomeOf(await sending)
    } finally {
      this.#assigned.set(engine.id, (this.#assigned.get(engine.id) ?? 1) - 1)
      if (part === 'measured') {
        this.#played.add(cellKey(cell))
        this.#tell()
      }
    }
  }

  /** The engine with the fewest requests of ours, of equals the first. */
  #take(engines: readonly Engine[]): Engine {
    const count = ({ id }: Engine) => this.#assigned.get(id) ?? 0
    const engine = engines.reduce((best, other) => (count(other) < count(best) ? other : best))
    this.#assigned.set(engine.id, count(engine) + 1)
    return engine
  }

  #toCall(prompt: PromptLine, cell: Cell, isBackground: boolean): EngineCall {
    const { strategy, model, level } = cell
    const { questionText, kind, role, inputs, inputModels, promptTokens, body, domain, stepByStep } = prompt
    this.#sent += 1
    const salt = saltOf(`${this.#idPrefix} ${this.#startMs} ${this.#sent}`)
    const messages = withSalt(withStrategy(prompt.messages, { strategy, stepByStep }), salt)
    this.#backgrounds += isBackground ? 1 : 0
    return {
      id: isBackground
        ? `${this.#idPrefix}/${this.#backgrounds}`
        : `collect/${prompt.id}/${strategy}/${level}/${hashText(model).toString(16)}`,
      messages: () => messages,
      meaning: { questionText, strategy, kind, role, inputs, ...(inputModels === null ? {} : { inputModels }) },
      promptTokens: promptTokens + saltTokens,
      maxOutputTokens: outputCapTokens({ strategy, domain, isReasoningModel: isReasoningModelName(model) }),
      deadlineAtMs: this.#parts.run.clock.nowMs() + deadlineMs,
      body,
    }
  }

  #tell(): void {
    for (const key of this.#played) {
      if (!this.#parts.files.hasCell(key)) continue
      this.#played.delete(key)
      this.#done += 1
    }
    this.#parts.tell({ phase: 2, done: this.#done, total: this.#cells.length, resumed: this.#resumed })
  }
}

function outcomeOf(result: CallResult | null): Sent {
  if (result === null || result.status === 'aborted') return 'lost'
  if (result.status !== 'failed') return 'done'
  return isHopeless(result) ? 'done' : 'failed'
}
