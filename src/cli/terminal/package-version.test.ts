import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { commitOfCheckout, packageVersion } from './package-version.ts'

const root = resolve(import.meta.dirname, '../../..')

/** What git says; null: this is no checkout, or there is no git. */
function headOrNull(): string | null {
  try {
    return execFileSync('git', ['rev-parse', 'HEAD'], { cwd: root, encoding: 'utf8', stdio: 'pipe' }).trim()
  } catch {
    return null
  }
}

describe('what the program says of itself', () => {
  it('is the version of its package', () => {
    const { version } = JSON.parse(readFileSync(resolve(root, 'package.json'), 'utf8')) as { readonly version: string }
    expect(packageVersion()).toBe(version)
  })

  const head = headOrNull()
  it.skipIf(head === null)(`is the commit of its checkout${head === null ? ' (skipped: no checkout)' : ''}`, () => {
    expect(commitOfCheckout()).toMatch(/^[0-9a-f]{40}$/)
    // Somebody may commit between the two looks.
    expect([head, headOrNull()]).toContain(commitOfCheckout())
  })
})
