/** @file A machine that allows namespaces has a level that contains: a fault of ours must not pass as its restriction. */
import { spawnSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { describeSandbox } from '../../src/flow/index.ts'
import { findTool } from '../../src/flow/sandbox/find-tool.ts'
import { containedLevels } from './offered-levels.ts'

/** The same namespaces and a fresh /proc, with nothing of ours. */
function allowsNamespaces(): boolean {
  const asRoot = process.getuid?.() === 0 ? [] : ['--user', '--map-root-user']
  const namespaces = ['--mount', '--net', '--pid', '--ipc', '--uts', '--fork', '--mount-proc']
  return spawnSync('unshare', [...asRoot, ...namespaces, 'unshare', '--user', '--keep-caps', 'true']).status === 0
}

describe('the levels offered', () => {
  const mayExpect = process.platform === 'linux' && allowsNamespaces()

  it.skipIf(!mayExpect)('hold `unshare` where the kernel allows its namespaces', () => {
    expect(containedLevels.find(({ name }) => name === 'unshare')).toMatchObject({ title: 'unshare' })
  })

  it.skipIf(!mayExpect || findTool('bwrap') === null)('hold `bwrap` where that is installed, too', () => {
    expect(containedLevels.find(({ name }) => name === 'bwrap')).toMatchObject({ title: 'bwrap' })
  })

  it('are described for reports, with what they contain', () => {
    for (const { name, sandbox } of containedLevels) {
      if (sandbox === null) continue
      expect(sandbox.attempts).toEqual([{ level: name, outcome: 'chosen' }])
      expect(describeSandbox(sandbox)).toMatch(
        /^\w+ \(contains .*network, host files.*\), Python 3\.\d+\.\d+, \d+ ms per program$/,
      )
    }
  })
})
