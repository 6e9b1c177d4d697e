import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { learnedPolicy, serialisedPolicy, writePolicy } from '../../test/learned-policies.ts'
import { ConfigError } from '../core/index.ts'
import { specsOf } from '../policy/index.ts'
import { loadPolicy, shippedPolicies } from './policy-file.ts'

const folder = mkdtempSync(join(tmpdir(), 'inframind-policy-'))
afterAll(() => rmSync(folder, { recursive: true }))
const write = (name: string, options = {}) => writePolicy(join(folder, name), options)
const refusal = (path: string) => {
  try {
    loadPolicy(path)
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError)
    return (error as ConfigError).message
  }
  throw new Error('it was read')
}

describe('a policy on disk', () => {
  it('comes back as it was written, named by its folder or either file', () => {
    const path = write('mine', { seed: 4 })
    const policy = learnedPolicy({ seed: 4 })
    const { specs, summary } = loadPolicy(path)
    expect(specs).toEqual(specsOf(policy, 'x'))
    expect(summary).toEqual({
      name: path,
      kind: 'residual',
      hash: policy.header.weightsSha256,
      trainedOn: { profile: 'paper-b200', epochs: 3 },
      profileHash: 'p',
    })
    for (const file of ['policy.json', 'policy.safetensors']) expect(loadPolicy(join(path, file)).specs).toEqual(specs)
  })

  it('is found by name where it ships', () => {
    expect(shippedPolicies()).toContain('dual')
    const { specs, summary } = loadPolicy('dual')
    expect(specs).toMatchObject({ planner: { kind: 'dual', teamRules: { code: {} } }, executor: 'slack-greedy' })
    expect(specs).toMatchObject({ teams: { teamRules: { code: {} } }, readsQuestions: false })
    expect(summary).toMatchObject({ kind: 'dual', hash: expect.stringMatching(/^[0-9a-f]{8}$/) })
  })

  it.each(['dual', 'residual', 'ppo'])('holds %s, which fits the running code', (name) => {
    expect(shippedPolicies()).toContain(name)
    expect(loadPolicy(name).summary).toMatchObject({ name, kind: name })
  })

  it('is refused where it is missing, naming those that ship', () => {
    expect(refusal(join(folder, 'nowhere'))).toMatch(/ENOENT.*nowhere.*\(.*dual/)
    const path = write('headless')
    unlinkSync(join(path, 'policy.safetensors'))
    expect(refusal(path)).toMatch(/ENOENT.*policy\.safetensors/)
  })

  it('is refused where its training has not ended, saying how to go on', () => {
    const path = write('begun')
    for (const file of ['policy.json', 'policy.safetensors']) unlinkSync(join(path, file))
    expect(refusal(path)).toMatch(/Name a shipped policy/)
    writeFileSync(join(path, 'training.jsonl'), '')
    expect(refusal(path)).toMatch(/has not ended: give its `inframind train` command again/)
  })

  it('is not taken for a training under way where the training has ended and a file is gone or cannot be read', () => {
    const path = write('spoilt')
    const weights = join(path, 'policy.safetensors')
    writeFileSync(join(path, 'training.jsonl'), '')
    unlinkSync(weights)
    expect(refusal(path)).toMatch(/ENOENT for .*policy\.safetensors.*Name a shipped policy/)
    mkdirSync(weights)
    expect(refusal(path)).toMatch(/EISDIR.*Name a shipped policy/)
    const header = join(path, 'policy.json')
    unlinkSync(header)
    symlinkSync(header, header)
    expect(refusal(path)).toMatch(/ELOOP.*Name a shipped policy/)
  })

  it('is refused where it is what a baseline has learnt, naming what plays that', () => {
    const path = join(import.meta.dirname, '../../policies/baselines/masrouter')
    expect(refusal(path)).toMatch(/kind: expected a policy that serves, got masrouter\. .*--methods masrouter/)
  })

  it('is refused in plain words where it is something else', () => {
    const path = write('foreign')
    writeFileSync(join(path, 'policy.json'), '{"model": "llama"}')
    expect(refusal(path)).toMatch(/schema: expected "inframind\/policy\/1", got nothing/)
    expect(refusal(path)).not.toMatch(/expected Invalid/)
  })

  it('is refused where one may not even look', () => {
    const loop = join(folder, 'loop')
    symlinkSync(loop, loop)
    expect(refusal(loop)).toMatch(/ELOOP/)
    expect(refusal('./a\0b')).toMatch(/policy\.file/)
  })

  it.each<[string, (path: string) => void, RegExp]>([
    ['is cut off', (path) => truncateSync(join(path, 'policy.safetensors'), 500), /weightsSha256/],
    [
      'is another one’s',
      (path) => writeFileSync(join(path, 'policy.safetensors'), serialisedPolicy({ seed: 9 }).weights),
      /weightsSha256/,
    ],
    ['is empty', (path) => writeFileSync(join(path, 'policy.json'), ''), /expected JSON/],
    ['is no object', (path) => writeFileSync(join(path, 'policy.json'), 'null'), /schema/],
    ['is of another schema', (path) => change(path, { schema: 'inframind/policy/9' }), /schema/],
    [
      'does not fit this version',
      (path) => change(path, { settings: { hidden: 99, temperature: 1 } }),
      /Train the policy anew/,
    ],
  ])('is refused where it %s', (name, spoil, message) => {
    const path = write(name.replaceAll(' ', '-'))
    spoil(path)
    expect(refusal(path)).toMatch(message)
  })
})

function change(path: string, fields: object): void {
  const file = join(path, 'policy.json')
  writeFileSync(file, JSON.stringify({ ...(JSON.parse(readFileSync(file, 'utf8')) as object), ...fields }))
}
