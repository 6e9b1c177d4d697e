/** @file The solver, loaded when a first line is asked for: 3.5 MB of WebAssembly that nothing else needs. */
import type { Highs } from 'highs'

/** Its types stand under `require`, where a default export is a property of the module; what Node imports is the function. */
interface HighsModule {
  readonly default: () => Promise<Highs>
}

let loading: Promise<Highs> | null = null

/** The one instance of this process. */
export function loadHighs(): Promise<Highs> {
  loading ??= import('highs').then((module) => (module as unknown as HighsModule).default())
  return loading
}
