/**
 * @file A small memory of what was computed from a text: benchmarks and the twin ask the same questions again and again.
 *
 * Least recently used goes first. A hit costs one hash of the text and two map operations; results are shared, so
 * callers must not change them.
 */

/** `compute` with its last `capacity` results kept by text. `capacity` >= 1. */
export function cacheByText<T>(compute: (text: string) => T, capacity: number): (text: string) => T {
  const kept = new Map<string, T>()
  return (text) => {
    const known = kept.get(text)
    if (known !== undefined) {
      // A map keeps the order of insertion: putting the entry back makes it the youngest.
      kept.delete(text)
      kept.set(text, known)
      return known
    }
    const value = compute(text)
    if (kept.size >= capacity) kept.delete(kept.keys().next().value as string)
    kept.set(text, value)
    return value
  }
}
