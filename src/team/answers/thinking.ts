/** @file Takes out reasoning that an engine without a reasoning parser left in the text between `<think>` tags. Linear time. */

const tags = [
  ['<think>', '</think>'],
  ['<thinking>', '</thinking>'],
] as const

/**
 * `text` without its thinking: what stands before the first opening tag and after the last closing one. A closing tag
 * alone ends thinking that the chat template opened; an opening tag alone means that thinking was cut off.
 */
export function withoutThinking(text: string): string {
  let rest = text
  for (const [open, close] of tags) {
    const openAt = rest.indexOf(open)
    const closeAt = rest.lastIndexOf(close)
    if (openAt < 0 && closeAt < 0) continue
    const before = openAt < 0 || (closeAt >= 0 && closeAt < openAt) ? '' : rest.slice(0, openAt)
    const after = closeAt < 0 ? '' : rest.slice(closeAt + close.length)
    const reopenAt = after.indexOf(open)
    rest = before + (reopenAt < 0 ? after : after.slice(0, reopenAt))
  }
  return rest
}
