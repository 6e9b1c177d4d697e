/**
 * @file Requests under way: how many, which signal each one runs under, and when all have ended.
 *
 * A client that leaves aborts its own signal at once; closing the gateway aborts what is left after draining. One
 * `AbortController` and one listener per request.
 */
import type { ServerResponse } from 'node:http'
import { type Clock, InframindError } from '../../core/index.ts'

export interface ActiveRequest {
  readonly signal: AbortSignal
  /** The client left before its answer was whole. */
  readonly hasClientLeft: boolean
  /** Nothing more will be written: the request ends as soon as the socket has taken what was. Once. */
  end(): void
}

export class ActiveRequests {
  readonly #limit: number
  readonly #controllers = new Set<AbortController>()
  #onEmpty: (() => void)[] = []

  /** `limit`: requests at once; the next is refused. */
  constructor(limit: number) {
    this.#limit = limit
  }

  get size(): number {
    return this.#controllers.size
  }

  /** Throws `QUEUE_FULL` at the limit. */
  begin(raw: ServerResponse): ActiveRequest {
    if (this.size >= this.#limit) {
      throw new InframindError('QUEUE_FULL', `The gateway already works on ${this.#limit} requests.`)
    }
    const controller = new AbortController()
    let hasClientLeft = false
    const onClose = () => {
      // Once all is written there is nothing left to abort, whether or not it arrives.
      if (raw.writableEnded) return
      hasClientLeft = true
      controller.abort(new Error('the client left'))
    }
    raw.once('close', onClose)
    this.#controllers.add(controller)
    const remove = () => {
      raw.off('close', onClose)
      this.#remove(controller)
    }
    return {
      signal: controller.signal,
      get hasClientLeft() {
        return hasClientLeft
      },
      end: () => {
        if (raw.writableFinished || raw.destroyed) return remove()
        raw.once('finish', remove)
        raw.once('close', remove)
      },
    }
  }

  #remove(controller: AbortController): void {
    this.#controllers.delete(controller)
    if (this.size > 0) return
    for (const resolve of this.#onEmpty) resolve()
    this.#onEmpty = []
  }

  /** Resolves to true when none is under way, to false after `timeoutMs`. */
  drained(clock: Clock, timeoutMs: number): Promise<boolean> {
    if (this.size === 0) return Promise.resolve(true)
    return new Promise((resolve) => {
      const cancel = clock.at(clock.nowMs() + timeoutMs, () => resolve(false))
      this.#onEmpty.push(() => {
        cancel()
        resolve(true)
      })
    })
  }

  abortAll(reason: Error): void {
    for (const controller of this.#controllers) controller.abort(reason)
  }
}
