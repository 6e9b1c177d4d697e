/**
 * @file Server-sent events on a raw response: `data:` lines alone, comments while nothing is said, and backpressure.
 *
 * No custom event names: the common clients of OpenAI's API do not read them. A write that fills the socket's buffer
 * resolves only when the reader has caught up or left, so that a slow reader holds back the engine behind it.
 */
import type { ServerResponse } from 'node:http'
import type { Cancel, Clock, JsonValue } from '../../core/index.ts'

/** Silence after which a comment is sent: below the idle time-outs of common proxies. */
const keepAliveMs = 5000

export class SseWriter {
  readonly #raw: ServerResponse
  readonly #clock: Clock
  #cancelKeepAlive: Cancel = () => {}

  constructor(raw: ServerResponse, clock: Clock) {
    this.#raw = raw
    this.#clock = clock
  }

  /** Sends the head at once: from here on the status stands. */
  start(headers: Readonly<Record<string, string>>): void {
    this.#raw.writeHead(200, {
      ...headers,
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-cache',
      // Proxies of the nginx family hold answers back otherwise.
      'x-accel-buffering': 'no',
    })
    this.#raw.flushHeaders()
    this.#raw.once('close', () => this.#cancelKeepAlive())
    this.#armKeepAlive()
  }

  /** Resolves when there is room for more, or nobody reads any longer. */
  data(value: JsonValue): Promise<void> {
    return this.#write(`data: ${JSON.stringify(value)}\n\n`)
  }

  /** Ends the stream; `[DONE]` tells the client that it is whole. */
  end({ isWhole }: { readonly isWhole: boolean }): void {
    this.#raw.end(isWhole ? 'data: [DONE]\n\n' : '')
  }

  #write(text: string): Promise<void> {
    const raw = this.#raw
    if (raw.destroyed || raw.writableEnded) return Promise.resolve()
    this.#armKeepAlive()
    if (raw.write(text)) return Promise.resolve()
    return new Promise((resolve) => {
      const settle = () => {
        raw.off('drain', settle)
        raw.off('close', settle)
        resolve()
      }
      raw.on('drain', settle)
      raw.on('close', settle)
    })
  }

  #armKeepAlive(): void {
    this.#cancelKeepAlive()
    this.#cancelKeepAlive = this.#clock.at(this.#clock.nowMs() + keepAliveMs, () => {
      // A full buffer needs no comment: the reader has something to read.
      if (this.#raw.writableNeedDrain) this.#armKeepAlive()
      else void this.#write(': keep-alive\n\n')
    })
  }
}
