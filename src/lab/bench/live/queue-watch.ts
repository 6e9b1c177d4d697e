/**
 * @file Load over time as a live run shows it: each model's calls from `GET /v1/cluster`, queries in the system from our
 * own count.
 *
 * The cluster is asked once a (real) second while the window lasts; where an answer fails, the last one stands. A server
 * that is not INFRAMIND has no such page: its series are empty.
 */
import { z } from 'zod'
import type { Cancel, Clock, ModelId } from '../../../core/index.ts'
import { type Backlog, readBacklog } from '../play/queue-sampler.ts'
import type { QueueSeries } from '../run-result.ts'
import { type Gateway, getJson } from './gateway.ts'

const count = z.number().nonnegative()
const clusterSchema = z.looseObject({
  models: z.array(z.looseObject({ model: z.string(), running: count, waiting: count, gateway_waiting: count })),
})

/** Points kept of a series: enough for a picture. */
const mostPoints = 180

export interface Window {
  readonly startMs: number
  readonly endMs: number
}

export class QueueWatch {
  readonly #samples: ReadonlyMap<ModelId, number>[] = []
  readonly #everyMs: number
  #cancel: Cancel = () => {}

  /** `clock` runs `timeScale` times as fast as real time. */
  constructor(gateway: Gateway, { clock, timeScale, window }: WatchOptions) {
    this.#everyMs = 1000 * timeScale
    const look = (atMs: number) => {
      if (atMs > window.endMs) return
      this.#cancel = clock.at(atMs, () => {
        look(atMs + this.#everyMs)
        void this.#sample(gateway)
      })
    }
    if (gateway.hasCluster) look(window.startMs)
  }

  stop(): void {
    this.#cancel()
  }

  result(): QueueSeries {
    const every = Math.max(1, Math.ceil(this.#samples.length / mostPoints))
    const names = [...new Set(this.#samples.flatMap((sample) => [...sample.keys()]))]
    const loads = names.map((name) => [name, this.#samples.map((sample) => sample.get(name) ?? 0)] as const)
    return {
      everySeconds: (every * this.#everyMs) / 1000,
      models: Object.fromEntries(loads.map(([name, load]) => [name, load.filter((_, index) => index % every === 0)])),
      idleShare: Object.fromEntries(
        loads.map(([name, load]) => [name, load.filter((calls) => calls === 0).length / load.length]),
      ),
    }
  }

  async #sample(gateway: Gateway): Promise<void> {
    const place = this.#samples.push(this.#samples.at(-1) ?? new Map()) - 1
    const answer = await getJson(gateway, '/v1/cluster').catch(() => null)
    const models = clusterSchema.safeParse(answer?.body).data?.models
    if (models === undefined) return
    this.#samples[place] = new Map(
      models.map(({ model, running, waiting, gateway_waiting }) => [model, running + waiting + gateway_waiting]),
    )
  }
}

export interface WatchOptions {
  readonly clock: Clock
  readonly timeScale: number
  readonly window: Window
}

/** How the number of queries in the system moved over the window, by a sample a second as in the twin. */
export function backlogOver(
  queries: readonly { readonly arrivedAtMs: number; readonly finishedAtMs: number }[],
  { startMs, endMs }: Window,
): Backlog {
  const samples: number[] = []
  for (let atMs = startMs; atMs <= endMs; atMs += 1000) {
    samples.push(queries.filter(({ arrivedAtMs, finishedAtMs }) => arrivedAtMs <= atMs && atMs < finishedAtMs).length)
  }
  return readBacklog(samples)
}
