/** @file The valid name that a mistyped one most likely meant. */

/** Edits (insert, delete, replace a character) between two short names. O(|a| |b|). Levenshtein 1966. */
function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let row = 1; row <= a.length; row += 1) {
    const current = [row]
    for (let column = 1; column <= b.length; column += 1) {
      const replaced = (previous[column - 1] as number) + (a[row - 1] === b[column - 1] ? 0 : 1)
      current.push(Math.min(replaced, (previous[column] as number) + 1, (current[column - 1] as number) + 1))
    }
    previous = current
  }
  return previous[b.length] as number
}

/** The name in `valid` nearest to `given`, whatever the case; null where none is within half its length, or `given` is over 64 characters. */
export function nearestName(given: string, valid: readonly string[]): string | null {
  if (given.length > 64) return null
  let nearest: string | null = null
  let nearestDistance = Number.POSITIVE_INFINITY
  for (const name of valid) {
    const distance = editDistance(given.toLowerCase(), name.toLowerCase())
    if (distance < nearestDistance && distance <= Math.max(1, name.length / 2)) {
      nearest = name
      nearestDistance = distance
    }
  }
  return nearest
}
