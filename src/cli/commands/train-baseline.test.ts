/** @file `train --learner gptswarm|masrouter` as it is typed, in small: synthetic questions, few of them and few iterations. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { captureOutput } from '../../../test/captured-output.ts'
import { loadBaselines } from '../../lab/learned-baselines.ts'
import type { RouterLine, SwarmLine } from '../../lab/train/index.ts'
import { priceSettings } from '../../policy/index.ts'
import { runProgram } from '../program.ts'

// Only how long is learnt is taken down: the command, its sets and its files are the real ones.
vi.mock('../../lab/train/index.ts', async (importOriginal) => {
  const original = await importOriginal<typeof import('../../lab/train/index.ts')>()
  return {
    ...original,
    fitSwarm: (options: Parameters<typeof original.fitSwarm>[0]) =>
      original.fitSwarm({ ...options, iterations: 2, samples: 2 }),
    trainMasRouter: (options: Parameters<typeof original.trainMasRouter>[0]) =>
      original.trainMasRouter({ ...options, training: { iterations: 2, questions: 6, samples: 2 } }),
  }
})

let home: string
beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'inframind-baseline-'))
})
afterAll(() => rmSync(home, { recursive: true }))

async function run(learner: string, ...args: readonly string[]) {
  const output = captureOutput()
  const code = await runProgram(['train', '--learner', learner, '--datasets', 'synthetic-choice', ...args], output)
  return { code, said: output.lines.join('\n'), notes: output.notes.join('\n') }
}
const shared = (name: string) => join(home, name)

describe('train --learner gptswarm', () => {
  it('writes graphs that load, and says what they come to', async () => {
    const { code, said, notes } = await run('gptswarm', '--out', shared('both'))
    expect({ code, notes }).toMatchObject({ code: 0, notes: expect.stringContaining('graphs of knowledge') })
    expect(said).toMatch(/^knowledge, learnt graph: [\d.]+ % right$/m)
    expect(Object.keys(loadBaselines(shared('both')).swarm().graphs)).toEqual(['knowledge'])
  }, 60_000)

  it('prints JSON alone where that is asked for', async () => {
    const { code, said } = await run('gptswarm', '--out', shared('json'), '--json')
    expect(code).toBe(0)
    const lines = JSON.parse(said) as readonly SwarmLine[]
    expect(lines.map(({ graph }) => graph)).toEqual(['learnt', 'complete', 'none'])
  }, 60_000)

  it('writes the same bytes under the same seed', async () => {
    const bytes = async (out: string, seed: string) => {
      await run('gptswarm', '--out', shared(out), '--seed', seed)
      return readFileSync(join(shared(out), 'gptswarm.json'), 'utf8')
    }
    const first = await bytes('one', '3')
    expect(await bytes('two', '3')).toBe(first)
    expect(await bytes('three', '4')).not.toBe(first)
  }, 60_000)
})

describe('train --learner masrouter', () => {
  it('writes a cascade that loads beside the graphs, and says what it comes to', async () => {
    const { code, said, notes } = await run('masrouter', '--out', shared('both'))
    expect({ code, notes }).toMatchObject({ code: 0, notes: expect.stringContaining('routes by question and price') })
    expect(said).toMatch(/^knowledge, low: [\d.]+ % right, cost [\d.]+, [\d.]+ calls$/m)
    expect(loadBaselines(shared('both')).router().networks.team.length).toBeGreaterThan(0)
    expect(readdirSync(join(shared('both'), 'masrouter')).sort()).toEqual(['policy.json', 'policy.safetensors'])
  }, 60_000)

  it('prints JSON alone where that is asked for', async () => {
    const { code, said } = await run('masrouter', '--out', shared('json'), '--json')
    expect(code).toBe(0)
    const lines = JSON.parse(said) as readonly RouterLine[]
    expect(lines.map(({ price }) => price)).toEqual(priceSettings)
  }, 60_000)
})

describe.each(['gptswarm', 'masrouter'])('train --learner %s refuses with exit 2', (learner) => {
  it.each<[string, readonly string[], RegExp]>([
    ['a set that does not exist', ['--datasets', 'synthetic-mth'], /synthetic-math/],
    ['a folder without questions', ['--data', '.', '--datasets', 'math'], /math/],
    ['a profile that does not exist', ['--profile', 'paper-b20'], /paper-b200/],
  ])('%s', async (_, args, says) => {
    const { code, notes } = await run(learner, '--out', shared('never'), ...args)
    expect(notes).toMatch(says)
    expect(code).toBe(2)
  })

  it('a folder that cannot be, before it has learnt', async () => {
    const file = shared('a-file')
    writeFileSync(file, '')
    const { code, said, notes } = await run(learner, '--out', join(file, 'out'))
    expect(notes).toMatch(/--out/)
    expect({ code, said }).toEqual({ code: 2, said: '' })
  }, 60_000)
})
