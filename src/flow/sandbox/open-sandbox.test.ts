/** @file Finding a level: what is refused and what the refusal says; what works here is tried in `test/sandbox/`. */
import { afterEach, describe, expect, it, vi } from 'vitest'
import type { CodeResult } from '../../core/index.ts'
import { verdictOn } from './containment-check.ts'
import { findTool } from './find-tool.ts'
import { describeSandbox, openSandbox } from './open-sandbox.ts'

afterEach(() => {
  vi.unstubAllEnvs()
})

describe('opening a sandbox', () => {
  it('never falls back to a plain subprocess by itself', async () => {
    await expect(openSandbox({ levels: ['plain'] })).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringMatching(/plain: not allowed.*bubblewrap.*--unsafe-exec/),
    })
  })

  it('says of each level why it was not used', async () => {
    const sandbox = await openSandbox({ levels: ['plain', 'pyodide'], unsafe: true })
    expect(sandbox.attempts.map(({ level }) => level)).toEqual(['pyodide', 'plain'])
    expect(describeSandbox(sandbox)).toMatch(
      /^plain \(contains .*nothing else\), Python 3\.\d+\.\d+, \d+ ms .*; pyodide: /,
    )
  })

  it('finds the tools that PATH lacks', async () => {
    const { python } = await openSandbox({ levels: ['plain'], unsafe: true })
    vi.stubEnv('PATH', '/no/such/folder')
    const sandbox = await openSandbox({ levels: ['plain'], unsafe: true, python: python.executable })
    expect(sandbox.level).toBe('plain')
  })

  it.each([
    ['/no/such/python', 'ENOENT'],
    ['true', 'JSON'],
  ])('refuses %s as a Python', async (python, got) => {
    await expect(openSandbox({ python })).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      problems: [{ path: 'python', got: expect.stringContaining(got) }],
    })
  })
})

describe('the verdict on a level', () => {
  const result: CodeResult = { status: 'ok', reason: null, output: '\n', errorOutput: '', exitCode: 0, wallMs: 1 }

  it('is good only when every attempt failed', () => {
    expect(verdictOn(result)).toBe(null)
    expect(verdictOn({ ...result, output: 'is root,reaches the network\n' })).toBe(
      'a program in it is root, reaches the network',
    )
  })

  it('is bad when the attempts could not be made', () => {
    expect(verdictOn({ ...result, status: 'failed', errorOutput: 'Traceback\nno module\n' })).toMatch(/no module$/)
    expect(verdictOn({ ...result, status: 'killed' })).toMatch(/killed$/)
  })
})

describe('finding a tool', () => {
  it('looks along PATH, then where systems keep their tools', () => {
    expect(findTool('sh', '')).toMatch(/\/bin\/sh$/)
    expect(findTool('sh', '/no/such/folder:relative')).toMatch(/^\/.*\/sh$/)
    expect(findTool('no-such-tool')).toBe(null)
  })
})
