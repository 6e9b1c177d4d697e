/** @file Where a network writes its logits. */

/** One array for each count, so that nothing is allocated for a count seen before. */
export function createLogits(): (count: number) => Float32Array {
  const byCount = new Map<number, Float32Array>()
  return (count) => {
    const known = byCount.get(count)
    if (known !== undefined) return known
    const logits = new Float32Array(count)
    byCount.set(count, logits)
    return logits
  }
}
