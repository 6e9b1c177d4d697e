/** @file The final answer in a worked solution, as the releases mark it. Linear time. */

const box = /\\(?:boxed|fbox)\s*/g

/** Inside of the last `\boxed{...}` (or `\boxed 5`); null: there is none, or it does not close. */
export function lastBoxed(solution: string): string | null {
  let start = -1
  for (const match of solution.matchAll(box)) start = match.index + match[0].length
  if (start < 0) return null
  if (solution[start] !== '{') return /^[^\s$.,]+/.exec(solution.slice(start))?.[0] ?? null
  let depth = 0
  for (let index = start; index < solution.length; index += 1) {
    if (solution[index] === '{') depth += 1
    else if (solution[index] === '}') depth -= 1
    if (depth === 0) return solution.slice(start + 1, index).trim()
  }
  return null
}

/** What stands after the last `####`; null: nothing does. */
export function afterHashes(solution: string): string | null {
  const at = solution.lastIndexOf('####')
  const answer = at < 0 ? '' : (/\S.*/.exec(solution.slice(at + 4))?.[0] ?? '').trimEnd()
  return answer === '' ? null : answer
}
