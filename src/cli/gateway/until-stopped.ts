/** @file Waits for Ctrl-C or SIGTERM; a second signal ends the program at once. */

/** Resolves at the first signal. */
export function untilStopped(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    const stop = (signal: NodeJS.Signals) => {
      resolve(signal)
      const quit = () => process.exit(130)
      process.once('SIGINT', quit)
      process.once('SIGTERM', quit)
    }
    const first = (signal: NodeJS.Signals) => {
      process.removeListener('SIGINT', first)
      process.removeListener('SIGTERM', first)
      stop(signal)
    }
    process.on('SIGINT', first)
    process.on('SIGTERM', first)
  })
}
