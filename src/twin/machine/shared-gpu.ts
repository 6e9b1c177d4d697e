/**
 * @file A GPU that several engines share: the more the others work, the longer a step takes.
 *
 * A step that starts at t takes (1 + eta * D(t)) times as long, where D is the sum of the duties of the other engines on
 * the GPU. An engine's duty is the share of time in which it had a step in flight, weighted by exp(-age / 1 s). Between
 * two instants at which some engine turns busy or idle every duty is a plain exponential, so it is kept as its value at
 * the last such instant (the anchor) and computed where it is asked for: nothing is sampled, no event is needed, and a
 * run of steps that is skipped gives the same factors, to the last bit, as its steps one by one. An engine that turns
 * makes the others compute the steps that they have not begun once more; a step under way keeps its time.
 *
 * A duty does not jump where its engine turns, and its value there is kept as it was computed: so the order in which
 * events at one instant happen does not matter. What this leaves out: within a step the factor stands still (the
 * duty moves by at most step / 1 s meanwhile), and a small engine burdens the GPU as much as a large one.
 *
 * Source: the rule fitted with eta to measured runs of the paper's pool (calibration data, `colocation_rule`).
 */

/** An engine, as its GPU sees it. */
export interface GpuTenant {
  /** Some duty takes another course from `atMs` on: count the steps that ended up to then. Must call nobody back. */
  dutiesWillTurn(atMs: number): void
  /** It has: compute anew when the steps not yet begun end. */
  dutiesTurned(): void
}

/** The place of one engine on a GPU. */
export interface GpuSeat {
  /** Factor on the time of a step that starts at `atMs`, not before the last turn. >= 1. */
  factorAt(atMs: number): number
  /** The engine has, or has no more, a step in flight from `atMs` on. */
  turn(isBusy: boolean, atMs: number): void
}

export interface SharedGpuOptions {
  /** Slowdown per unit of duty of the others. >= 0. */
  readonly eta: number
  /** Time constant of the duty, in ms. Default 1,000. */
  readonly timeConstantMs?: number
}

/** A duty so close to its limit is there: the difference is below the last bit of a factor. */
const settled = 1e-18
/** A duty is as close after so many time constants. */
const settledAfter = -Math.log(settled)

class Seat implements GpuSeat {
  readonly tenant: GpuTenant
  readonly #gpu: SharedGpu
  isBusy = false
  /** At the anchor. */
  duty = 0
  /** The factor where no duty of the others moves; null while one does. */
  steadyFactor: number | null = 1

  constructor(gpu: SharedGpu, tenant: GpuTenant) {
    this.#gpu = gpu
    this.tenant = tenant
  }

  factorAt(atMs: number): number {
    return this.#gpu.factorAt(this, atMs)
  }

  turn(isBusy: boolean, atMs: number): void {
    if (isBusy !== this.isBusy) this.#gpu.turn(this, atMs)
  }
}

/** The duty after a time in which its distance from busy or idle shrank to `decay` of it. Untouched, to the last bit, at 1. */
function decayed({ duty, isBusy }: Seat, decay: number): number {
  if (decay === 1) return duty
  return isBusy ? 1 - (1 - duty) * decay : duty * decay
}

const isSettled = ({ duty, isBusy }: Seat): boolean => Math.abs((isBusy ? 1 : 0) - duty) < settled

export class SharedGpu {
  readonly #eta: number
  readonly #timeConstantMs: number
  readonly #seats: Seat[] = []
  #anchorMs = -Infinity

  constructor({ eta, timeConstantMs = 1000 }: SharedGpuOptions) {
    this.#eta = eta
    this.#timeConstantMs = timeConstantMs
  }

  /** Gives an engine a place, idle. All must sit before the first turns. */
  seat(tenant: GpuTenant): GpuSeat {
    const seat = new Seat(this, tenant)
    this.#seats.push(seat)
    return seat
  }

  factorAt(seat: Seat, atMs: number): number {
    if (seat.steadyFactor !== null) return seat.steadyFactor
    const decay = this.#decayAt(atMs)
    let duties = 0
    for (const other of this.#seats) if (other !== seat) duties += decayed(other, decay)
    return 1 + this.#eta * duties
  }

  turn(seat: Seat, atMs: number): void {
    for (const { tenant } of this.#seats) if (tenant !== seat.tenant) tenant.dutiesWillTurn(atMs)
    const decay = this.#decayAt(atMs)
    for (const each of this.#seats) each.duty = decayed(each, decay)
    seat.isBusy = !seat.isBusy
    // On a real clock engines learn of their boundaries late, and not in order.
    this.#anchorMs = Math.max(this.#anchorMs, atMs)
    for (const each of this.#seats) each.steadyFactor = this.#steadyFactor(each)
    for (const { tenant } of this.#seats) if (tenant !== seat.tenant) tenant.dutiesTurned()
  }

  #steadyFactor(seat: Seat): number | null {
    let busy = 0
    for (const other of this.#seats) {
      if (other === seat) continue
      if (!isSettled(other)) return null
      if (other.isBusy) busy++
    }
    return 1 + this.#eta * busy
  }

  #decayAt(atMs: number): number {
    const age = (atMs - this.#anchorMs) / this.#timeConstantMs
    if (age <= 0) return 1
    return age > settledAfter ? 0 : Math.exp(-age)
  }
}

/** Builds the GPUs of one copy of a pool; returns the one of each engine, null where it has one for itself. */
export function shareGpus(
  gpus: readonly { readonly engines: readonly string[] }[],
  eta: number,
): (engine: string) => SharedGpu | null {
  const byEngine = new Map<string, SharedGpu>()
  for (const { engines } of gpus) {
    if (engines.length < 2) continue
    const gpu = new SharedGpu({ eta })
    for (const engine of engines) byEngine.set(engine, gpu)
  }
  return (engine) => byEngine.get(engine) ?? null
}
