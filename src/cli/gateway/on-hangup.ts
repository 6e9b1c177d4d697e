/** @file Listens for SIGHUP: the usual word for "read your configuration again". */

/** Calls `fn` at every SIGHUP until the returned function is called. Where the system has no such signal, never. */
export function onHangUp(fn: () => void): () => void {
  process.on('SIGHUP', fn)
  return () => process.removeListener('SIGHUP', fn)
}
