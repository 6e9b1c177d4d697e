/** @file The candidates that came next after the one that was taken, for records. */

/** Places of the `most` greatest of `logits`, `taken` left out: best first, equals in their order. */
export function runnersUp(
  logits: Float32Array,
  { taken, most }: { readonly taken: number; readonly most: number },
): readonly number[] {
  const best: number[] = []
  for (let index = 0; index < logits.length; index += 1) {
    if (index === taken) continue
    const logit = logits[index] as number
    let place = best.length
    while (place > 0 && (logits[best[place - 1] as number] as number) < logit) place -= 1
    if (place >= most) continue
    best.splice(place, 0, index)
    if (best.length > most) best.pop()
  }
  return best
}
