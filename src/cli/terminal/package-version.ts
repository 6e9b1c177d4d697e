/** @file The version of the package, and the commit where it runs from a checkout. */
import { readFileSync } from 'node:fs'

const packageFile = new URL('../../../package.json', import.meta.url)

export const packageVersion = (): string =>
  (JSON.parse(readFileSync(packageFile, 'utf8')) as { readonly version: string }).version

const gitFolder = new URL('../../../.git/', import.meta.url)

const readOrNull = (name: string): string | null => {
  try {
    return readFileSync(new URL(name, gitFolder), 'utf8').trim()
  } catch {
    return null
  }
}

/** Null where the package does not lie in a checkout, or its head is not to be found. */
export function commitOfCheckout(): string | null {
  const head = readOrNull('HEAD')
  if (head === null || !head.startsWith('ref: ')) return head
  const name = head.slice('ref: '.length)
  const packed = readOrNull('packed-refs')?.split('\n') ?? []
  return readOrNull(name) ?? packed.find((line) => line.endsWith(` ${name}`))?.split(' ')[0] ?? null
}
