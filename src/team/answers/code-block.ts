/** @file Finds the program in an answer. Linear time. */

const fence = /^[ \t]{0,3}```([^\n`]*)$/gm

/**
 * The longest fenced block of `text` (a late one where equal), without its fences; null: there is none. A block whose end
 * was cut off counts to the end of the text. The longest, since answers often add a short block of example output.
 */
export function extractCode(text: string): string | null {
  let best: string | null = null
  let openedAt = -1
  const consider = (block: string) => {
    if (best === null || block.length >= best.length) best = block
  }
  for (const match of text.matchAll(fence)) {
    if (openedAt < 0) openedAt = match.index + match[0].length + 1
    else {
      consider(text.slice(openedAt, Math.max(openedAt, match.index - 1)))
      openedAt = -1
    }
  }
  if (openedAt >= 0) consider(text.slice(openedAt))
  return best
}
