/**
 * @file Second stage of the machine fit: the figures at which the simulated engines repeat what was measured best.
 *
 * Coordinate search on a logarithmic scale over every model's step figures (and KV size, where no reading gave it), then
 * over API overhead and eta, which all models share. One replay of all traffic judges one move of all models at once:
 * each keeps it if its own error fell, since neighbours feel it only through their duties, which hardly move. The error is
 * the mean of |ln(simulated / measured)|, capped, of first token and whole call: as robust as a median, and smoother.
 *
 * Starts at the regression's figures, so that a few small steps do, and stays near their intervals: where the regression is
 * sure, replays must not bend it to make up for noise that they do not simulate (a network, a slow client).
 */
import { clamp, type ModelId, mean, type Profile } from '../../../core/index.ts'
import { e2eMsOf, type PoolCall, ttftMsOf } from './pool-call.ts'
import { type Causes, type Replayed, replay } from './replay.ts'
import { type StepFigures, stepTimeFrom } from './step-figures.ts'

export interface MachineFigures extends StepFigures {
  readonly kvTokens: number
}

export interface PoolFigures {
  readonly models: ReadonlyMap<ModelId, MachineFigures>
  readonly apiOverheadMs: number
  readonly eta: number
}

export type FigureBounds = Partial<Readonly<Record<keyof MachineFigures, readonly [number, number]>>>

export interface RefineOptions {
  /** Machines whose proportions the figures keep. */
  readonly base: Profile
  readonly causes: Causes
  /** Replayed with the others, but not judged. */
  readonly isHeldOut: readonly boolean[]
  /** What may move: `kvTokens` for models whose cache no reading showed, `eta` where GPUs are shared. */
  readonly movesKvTokens: (model: ModelId) => boolean
  readonly movesEta: boolean
  /** Where a model's figures may move; absent: anywhere. */
  readonly boundsOf: (model: ModelId) => FigureBounds
  /** Replays to spend at most. */
  readonly replays: number
}

/** Errors beyond this count as this: a preemption more or less must not outweigh a hundred calls. */
const mostError = 1.5
/** A gain smaller than this part is noise of who met whom. */
const leastGain = 0.002
const steps = [0.12, 0.06, 0.03, 0.015]

/** The machine profile with these figures; everything else as in `base`. */
export function withFigures(base: Profile, { models, apiOverheadMs, eta }: PoolFigures): Profile {
  const machines = Object.entries(base.models).map(([model, machine]) => {
    const figures = models.get(model)
    if (!figures) return [model, machine] as const
    const { step, host, kvTokens } = machine
    const room = Math.max(2 * machine.blockTokens.value, Math.round(figures.kvTokens))
    return [
      model,
      {
        ...machine,
        kvTokens: { ...kvTokens, value: room },
        step: { ...step, value: stepTimeFrom(figures, machine) },
        host: { ...host, value: 0 },
      },
    ] as const
  })
  return {
    ...base,
    models: Object.fromEntries(machines),
    apiOverheadMs: { ...base.apiOverheadMs, value: apiOverheadMs },
    colocationEta: { ...base.colocationEta, value: eta },
  }
}

export interface Judged {
  readonly replayed: readonly Replayed[]
  readonly isHeldOut: readonly boolean[]
}

/** Mean capped log-error by model, held-out calls aside. A call that cannot run counts as the cap. */
export function errorsByModel(
  calls: readonly PoolCall[],
  { replayed, isHeldOut }: Judged,
): ReadonlyMap<ModelId, number> {
  const errors = new Map<ModelId, number[]>()
  for (const [index, call] of calls.entries()) {
    if (isHeldOut[index]) continue
    const { ttftMs, e2eMs } = replayed[index]!
    const known = errors.get(call.model) ?? []
    errors.set(call.model, known)
    known.push(errorOf(e2eMs, e2eMsOf(call)))
    const first = ttftMsOf(call)
    if (first !== null) known.push(errorOf(ttftMs, first))
  }
  return new Map([...errors].map(([model, values]) => [model, mean(values)]))
}

const errorOf = (simulatedMs: number | null, measuredMs: number): number =>
  simulatedMs === null ? mostError : clamp(Math.abs(Math.log(simulatedMs / measuredMs)), 0, mostError)

class Search {
  replaysLeft: number
  readonly #calls: readonly PoolCall[]
  readonly #options: RefineOptions

  constructor(calls: readonly PoolCall[], options: RefineOptions) {
    this.#calls = calls
    this.#options = options
    this.replaysLeft = options.replays
  }

  async errors(figures: PoolFigures): Promise<ReadonlyMap<ModelId, number>> {
    this.replaysLeft -= 1
    const { base, causes, isHeldOut } = this.#options
    const replayed = await replay(this.#calls, { profile: withFigures(base, figures), causes })
    return errorsByModel(this.#calls, { replayed, isHeldOut })
  }

  /** Every model tries `key` times exp(+-step) and keeps what helps it. */
  async moveModels(at: Standing, key: keyof MachineFigures, step: number): Promise<Standing> {
    let standing = at
    for (const factor of [Math.exp(step), Math.exp(-step)]) {
      if (this.replaysLeft <= 0) return standing
      const moved = mapModels(standing.figures, (model, figures) =>
        this.#mayMove(model, key) ? { ...figures, [key]: this.#bounded(model, key, figures[key] * factor) } : figures,
      )
      const errors = await this.errors(moved)
      const isBetter = (model: ModelId) => isGain(standing.errors.get(model), errors.get(model))
      standing = {
        figures: mapModels(standing.figures, (model, figures) =>
          isBetter(model) ? moved.models.get(model)! : figures,
        ),
        errors: new Map(
          [...standing.errors].map(([model, error]) => [model, isBetter(model) ? errors.get(model)! : error]),
        ),
      }
    }
    return standing
  }

  /** The pool tries a shared figure times exp(+-step). */
  async moveShared(at: Standing, key: 'apiOverheadMs' | 'eta', step: number): Promise<Standing> {
    let standing = at
    for (const factor of [Math.exp(step), Math.exp(-step)]) {
      if (this.replaysLeft <= 0) return standing
      const figures = { ...standing.figures, [key]: standing.figures[key] * factor }
      const errors = await this.errors(figures)
      if (isGain(total(standing.errors), total(errors))) standing = { figures, errors }
    }
    return standing
  }

  #bounded(model: ModelId, key: keyof MachineFigures, value: number): number {
    const bounds = this.#options.boundsOf(model)[key]
    return bounds ? clamp(value, bounds[0], bounds[1]) : value
  }

  #mayMove(model: ModelId, key: keyof MachineFigures): boolean {
    return key !== 'kvTokens' || this.#options.movesKvTokens(model)
  }
}

interface Standing {
  readonly figures: PoolFigures
  readonly errors: ReadonlyMap<ModelId, number>
}

const total = (errors: ReadonlyMap<ModelId, number>): number => mean([...errors.values()])
const isGain = (before: number | undefined, after: number | undefined): boolean =>
  before !== undefined && after !== undefined && after < (1 - leastGain) * before

const mapModels = (
  figures: PoolFigures,
  change: (model: ModelId, figures: MachineFigures) => MachineFigures,
): PoolFigures => ({
  ...figures,
  models: new Map([...figures.models].map(([model, known]) => [model, change(model, known)])),
})

/** Figures near `start` with a smaller error on `calls`, in the order of sending. */
export async function refine(
  calls: readonly PoolCall[],
  start: PoolFigures,
  options: RefineOptions,
): Promise<{ readonly figures: PoolFigures; readonly errorBefore: number; readonly errorAfter: number }> {
  const search = new Search(calls, options)
  let standing: Standing = { figures: start, errors: await search.errors(start) }
  const errorBefore = total(standing.errors)
  const isAnyKvFree = [...start.models.keys()].some(options.movesKvTokens)
  for (const step of steps) {
    for (const key of ['decodeMs', 'prefillMs', 'perPromptTokenMs', 'perKvTokenMs'] as const) {
      standing = await search.moveModels(standing, key, step)
    }
    if (isAnyKvFree) standing = await search.moveModels(standing, 'kvTokens', 4 * step)
    standing = await search.moveShared(standing, 'apiOverheadMs', step)
    if (options.movesEta) standing = await search.moveShared(standing, 'eta', step)
  }
  return { figures: standing.figures, errorBefore, errorAfter: total(standing.errors) }
}
