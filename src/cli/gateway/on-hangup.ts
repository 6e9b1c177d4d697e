/**
 * @file Listens for SIGHUP: the usual word for "read your configuration again".
 *
 * Without a listener SIGHUP ends the process, so one stands from before the program is ready until it has ended: what comes
 * too early is remembered, what comes too late is passed over.
 */

export interface HangUps {
  /** Calls `fn` at every SIGHUP from now on, and once now where one has come already. */
  listen(fn: () => void): void
  /** Passes over every SIGHUP from now on. */
  ignore(): void
  /** Gives the signal back to the system: for who goes on living. */
  release(): void
}

/** From now on SIGHUP does not end the process. Where the system has no such signal, it never comes. */
export function catchHangUps(): HangUps {
  let hasCome = false
  const remember = () => {
    hasCome = true
  }
  let heard: () => void = remember
  const hear = () => heard()
  process.on('SIGHUP', hear)
  return {
    listen: (fn) => {
      heard = fn
      if (hasCome) fn()
    },
    ignore: () => {
      heard = () => {}
    },
    release: () => {
      process.removeListener('SIGHUP', hear)
    },
  }
}
