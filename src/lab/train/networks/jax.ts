/**
 * @file The one door to jax-js: started once per thread, on the WASM device, single-threaded and so the same bit for bit.
 *
 * Its arrays are counted by reference: a function uses up every array passed to it, and `x.ref` is one more use of `x`.
 * Whatever is compiled with `jit` is compiled for one set of shapes; another set takes up to a second more.
 */
import { defaultDevice, init, type Array as Tensor } from '@jax-js/jax'

export { jit, nn, numpy as np, tree, valueAndGrad } from '@jax-js/jax'
export type { Tensor }

let started: Promise<void> | null = null

/** Resolves once arrays can be made; may be called as often as one likes. */
export function startJax(): Promise<void> {
  // Never bare: `init()` tries the browser's devices too and fails without them.
  started ??= init('wasm').then(() => {
    defaultDevice('wasm')
  })
  return started
}
