import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { writePolicy } from '../../../test/learned-policies.ts'
import { ConfigError } from '../../core/index.ts'
import { loadConfig } from '../../serve/index.ts'
import { type LoadPolicy, policyOf, policyOrTrainingFree } from './policy-of.ts'

const folder = mkdtempSync(join(tmpdir(), 'inframind-policies-'))
afterAll(() => rmSync(folder, { recursive: true }))
writePolicy(join(folder, 'whole'), { settings: { readsQuestions: true, pricing: { congestionFactor: 0.5 } } })
writePolicy(join(folder, 'planner-only'), { settings: { learns: 'planner' } })
writePolicy(join(folder, 'executor-only'), { settings: { learns: 'executor' } })
writePolicy(join(folder, 'blind'), {
  settings: { isBlind: { planner: true, executor: false }, scrambles: { text: true } },
})
writePolicy(join(folder, 'cut'))
truncateSync(join(folder, 'cut/policy.safetensors'), 1000)

const configOf = (policy: string) =>
  loadConfig(
    { text: `{ version: 1, engines: [{ url: "http://a:1" }], policy: ${policy} }`, baseDir: folder },
    { env: {} },
  ).policy
const policyIn = (policy: string) => policyOf(configOf(policy)).choice

describe('policyOf', () => {
  it('takes names as they are, and a safety factor only where one is set', () => {
    expect(policyIn('{}')).toEqual({ planner: 'rules', executor: 'slack-greedy', discipline: 'edf-demote' })
    expect(policyIn('{ executor: least-loaded, discipline: fcfs, safety: 1.5 }')).toEqual({
      planner: 'rules',
      executor: 'least-loaded',
      discipline: 'fcfs',
      safety: 1.5,
    })
    expect(policyIn('{ executor: mcpp }')).toMatchObject({ executor: 'mcpp' })
  })

  it('says what fixed policies are fixed to, one Concise agent by default', () => {
    expect(policyIn('{ planner: fixed, executor: fixed, fixed: { model: m } }')).toMatchObject({
      planner: { kind: 'fixed', topology: 'io', agents: 1 },
      executor: { kind: 'fixed', model: 'm', strategy: 'Concise' },
    })
    const fixed = '{ topology: debate, agents: 3, model: m, strategy: flash }'
    expect(policyIn(`{ planner: fixed, executor: fixed, fixed: ${fixed} }`)).toMatchObject({
      planner: { kind: 'fixed', topology: 'debate', agents: 3 },
      executor: { kind: 'fixed', model: 'm', strategy: 'Flash' },
    })
  })

  it('reads a learned policy, and sees prices and questions as it was trained to', () => {
    const { choice, files, shadow } = policyOf(configOf('{ planner: learned, executor: learned, file: ./whole }'))
    expect(choice).toMatchObject({
      planner: { kind: 'learned' },
      executor: { kind: 'learned' },
      readsQuestions: true,
      congestionFactor: 0.5,
    })
    expect(files).toMatchObject([{ name: join(folder, 'whole'), kind: 'residual', trainedOn: { epochs: 3 } }])
    expect(shadow).toBeNull()
  })

  it('takes of a policy the level that is asked for, and what it learnt of it', () => {
    expect(policyIn('{ executor: learned, file: ./whole }')).toMatchObject({
      planner: 'rules',
      executor: { kind: 'learned' },
    })
    expect(policyIn('{ planner: learned, file: ./planner-only }')).toMatchObject({
      planner: { kind: 'learned' },
      executor: 'slack-greedy',
    })
    expect(policyIn('{ planner: dual, file: ./whole }')).toMatchObject({ planner: { kind: 'dual', breadth: 'wide' } })
  })

  it('takes the fitted rules of the package for dual', () => {
    const { choice, files } = policyOf(configOf('{ planner: dual }'))
    expect(choice).toMatchObject({ planner: { kind: 'dual', teamRules: { math: { between: expect.any(Number) } } } })
    expect(files).toMatchObject([{ name: 'dual', kind: 'dual' }])
  })

  it('reads the policy that looks on from a file of its own', () => {
    const { choice, shadow, files } = policyOf(
      configOf('{ safety: 1.5, shadow: { planner: learned, executor: mcpp, file: ./whole } }'),
    )
    expect(choice).toMatchObject({ planner: 'rules', executor: 'slack-greedy' })
    expect(choice).not.toHaveProperty('readsQuestions')
    expect(shadow).toMatchObject({ planner: { kind: 'learned' }, executor: 'mcpp', readsQuestions: true, safety: 1.5 })
    expect(files).toHaveLength(1)
  })

  it.each([
    [
      '{ planner: learned, executor: learned, file: ./planner-only }',
      /policy\.executor: .*residual with a learned planner\./,
    ],
    ['{ planner: learned, file: ./executor-only }', /policy\.planner: .*residual with a learned executor\./],
    [
      '{ planner: learned, executor: learned, file: dual }',
      /policy\.planner: .*fitted team rules(.|\n)*policy\.executor/,
    ],
    ['{ shadow: { executor: learned, file: dual } }', /policy\.executor: .*fitted team rules/],
    ['{ planner: learned, file: ./blind }', /got a blind planner, scrambled text\./],
  ])('refuses a file that does not hold what is asked for: %s', (policy, message) => {
    expect(() => policyIn(policy)).toThrow(message)
    expect(() => policyIn(policy)).toThrow(ConfigError)
  })

  it.each([
    [{ planner: 'rules', executor: { kind: 'joint' } }, '{ executor: learned, file: ./theirs }'],
    [{ planner: { kind: 'paper' }, executor: 'slack-greedy' }, '{ planner: learned, file: ./theirs }'],
  ])('refuses a head that is tied to one pool', (specs, policy) => {
    const load = () => ({ specs, summary: { name: 'theirs', kind: 'ppo' } }) as unknown as ReturnType<LoadPolicy>
    expect(() => policyOf(configOf(policy), load)).toThrow(/joint-head/)
  })

  it('throws, naming the file, where it is missing or damaged', () => {
    for (const file of ['nowhere', './nowhere', './cut']) {
      expect(() => policyIn(`{ planner: learned, file: ${file} }`)).toThrow(ConfigError)
    }
    expect(() => policyIn('{ planner: learned, file: ./cut }')).toThrow(/weightsSha256/)
    expect(() => policyIn('{ planner: learned, file: duall }')).toThrow(/dual/)
  })
})

describe('policyOrTrainingFree', () => {
  const usable = (policy: string) => policyOrTrainingFree(configOf(policy))

  it('is the policy of the config where nothing is wrong', () => {
    const policy = '{ planner: learned, file: ./whole, shadow: { executor: learned, file: ./whole } }'
    expect(usable(policy)).toEqual({ ...policyOf(configOf(policy)), lost: [] })
  })

  it('serves training-free instead of what cannot be used, keeps the rest, and says what was lost', () => {
    const { choice, files, lost } = usable('{ planner: learned, executor: mcpp, safety: 1.5, file: ./cut }')
    expect(choice).toEqual({ planner: 'rules', executor: 'mcpp', discipline: 'edf-demote', safety: 1.5 })
    expect(files).toEqual([])
    expect(lost).toMatchObject([{ level: 'planner', error: { code: 'CONFIG_INVALID' } }])
    expect(usable('{ planner: dual, executor: learned, file: ./cut }').lost.map(({ level }) => level)).toEqual([
      'planner',
      'executor',
    ])
  })

  it('serves without a policy that looks on where that one cannot be used', () => {
    const { choice, shadow, lost } = usable(
      '{ planner: learned, file: ./whole, shadow: { planner: learned, file: ./cut } }',
    )
    expect(choice).toMatchObject({ planner: { kind: 'learned' } })
    expect(shadow).toBeNull()
    expect(lost).toMatchObject([{ level: 'shadow' }])
  })

  it('lets another policy look on though the one that was to serve cannot', () => {
    const { choice, shadow, lost } = usable(
      '{ planner: learned, file: ./cut, shadow: { planner: learned, file: ./whole } }',
    )
    expect(choice).toMatchObject({ planner: 'rules' })
    expect(shadow).toMatchObject({ planner: { kind: 'learned' } })
    expect(lost.map(({ level }) => level)).toEqual(['planner'])
  })

  it('throws all the same where the config is strict', () => {
    expect(() => usable('{ planner: learned, file: ./cut, strict: true }')).toThrow(/weightsSha256/)
    expect(() => usable('{ strict: true, shadow: { planner: learned, file: ./cut } }')).toThrow(/weightsSha256/)
    writeFileSync(join(folder, 'cut/policy.json'), '{')
    expect(() => usable('{ planner: learned, file: ./cut, strict: true }')).toThrow(/JSON/)
  })
})
