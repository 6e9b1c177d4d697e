/**
 * @file The valid name that somebody most likely meant, for messages about unknown keys, models and values.
 *
 * Distance: optimal string alignment (insert, delete, replace, swap of neighbours; Damerau 1964), without regard to
 * case, `-` or `_`. Cost: O(length a x length b) per name; names longer than 64 characters are cut first.
 */

const normalise = (name: string) => name.toLowerCase().replace(/[-_]/g, '').slice(0, 64)

function editDistance(a: string, b: string): number {
  let beforePrevious: number[] = []
  let previous = Array.from({ length: b.length + 1 }, (_, column) => column)
  for (let row = 1; row <= a.length; row += 1) {
    const current = [row]
    for (let column = 1; column <= b.length; column += 1) {
      const isSame = a[row - 1] === b[column - 1]
      let best = Math.min(previous[column]! + 1, current[column - 1]! + 1, previous[column - 1]! + (isSame ? 0 : 1))
      if (row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1]) {
        best = Math.min(best, beforePrevious[column - 2]! + 1)
      }
      current.push(best)
    }
    beforePrevious = previous
    previous = current
  }
  return previous[b.length]!
}

/** The nearest of `names`, the first of equals; null where none is within a third of its length (at least 2 edits). */
export function nearestName(name: string, names: readonly string[]): string | null {
  const wanted = normalise(name)
  let nearest: string | null = null
  let nearestDistance = Number.POSITIVE_INFINITY
  for (const candidate of names) {
    const distance = editDistance(wanted, normalise(candidate))
    const limit = Math.min(Math.max(2, Math.floor(candidate.length / 3)), candidate.length - 1)
    if (distance <= limit && distance < nearestDistance) {
      nearest = candidate
      nearestDistance = distance
    }
  }
  return nearest
}

/** `Did you mean "budget"?`, or the valid names where none is near. */
export function suggestName(name: string, names: readonly string[]): string {
  const nearest = nearestName(name, names)
  if (nearest !== null) return `Did you mean "${nearest}"?`
  return names.length === 0 ? 'Remove it.' : `Known: ${names.join(', ')}.`
}
