/**
 * @file Hysteresis: the team chosen last for a kind of question stays unless another is clearly better.
 *
 * Without it two teams of nearly equal score alternate with every reading of the load, and planner and executor chase
 * each other. Kept per domain and octave of the budget, since ten seconds and five minutes ask for different teams. The
 * margin that a newcomer must win by fades with time.
 */
import type { Domain } from '../../core/index.ts'
import type { Weighed } from './weigh.ts'

/** Quality points that a newcomer must be better by at once. */
const margin = 0.01
const halfLifeMs = 20_000

interface Kept {
  readonly name: string
  readonly atMs: number
}

const nameOf = ({ candidate }: Weighed) => `${candidate.topology} ${candidate.agents} ${candidate.merge}`

export class TeamMemory {
  readonly #kept = new Map<string, Kept>()

  /** The team to take out of `ranked` (best first, at least one), and remembers it. */
  choose(
    ranked: readonly Weighed[],
    at: { readonly domain: Domain; readonly budgetMs: number; readonly nowMs: number },
  ): Weighed {
    const key = `${at.domain} ${Math.round(Math.log2(Math.max(1, at.budgetMs)))}`
    const kept = this.#kept.get(key)
    const best = ranked[0] as Weighed
    const previous = kept && ranked.find((weighed) => nameOf(weighed) === kept.name)
    const fading = kept ? margin * 2 ** (-Math.max(0, at.nowMs - kept.atMs) / halfLifeMs) : 0
    if (previous && best.score - previous.score <= fading) {
      // The instant stays that of the change: a team that is merely not much worse must not be kept for ever.
      if (previous === best) this.#kept.set(key, { name: nameOf(best), atMs: at.nowMs })
      return previous
    }
    this.#kept.set(key, { name: nameOf(best), atMs: at.nowMs })
    return best
  }
}
