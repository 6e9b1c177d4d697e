/**
 * @file The sockets to one engine: as many as there are calls, one request at a time on each, no time-outs but on connecting.
 *
 * Calls never wait here for a socket: waiting is the scheduler's business, and a queue that nobody sees is what this gateway
 * exists to avoid. A request can learn whether it got a socket that has served before: some engines close a kept-alive
 * socket just as we reuse it, and such a request may be sent again.
 */
import { Client, type Dispatcher, Pool } from 'undici'

/** Options of a dispatch that wants to know its socket. */
export interface WatchedDispatch {
  /** Called when a connection is picked, before anything is sent. */
  readonly onSocket?: (socket: { readonly isReused: boolean }) => void
}

const connectTimeoutMs = 5_000

class WatchingClient extends Client {
  constructor(origin: URL, options: Client.Options) {
    super(origin, options)
    // After an abort undici connects anew for the request that it has just dropped, and the engine keeps an idle socket,
    // which costs some of them a thread. Reported as failed to connect, a client leaves its pool.
    this.on('disconnect', (url, targets, error) => {
      if (error.message !== 'aborted') return
      this.emit('connectionError', url, targets, error)
      void this.destroy()
    })
  }

  override dispatch(
    options: Dispatcher.DispatchOptions & WatchedDispatch,
    handler: Dispatcher.DispatchHandler,
  ): boolean {
    options.onSocket?.({ isReused: this.stats.connected })
    return super.dispatch(options, handler)
  }
}

/** A pool for `origin`. `destroy` ends it together with whatever is under way. */
export function createEnginePool(origin: string): Pool {
  return new Pool(origin, {
    pipelining: 1,
    connections: null,
    bodyTimeout: 0,
    headersTimeout: 0,
    connect: { timeout: connectTimeoutMs },
    factory: (url, options) => new WatchingClient(url, options as Client.Options),
  })
}
