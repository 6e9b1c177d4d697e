/** @file What a profile accepts, and how it complains. */
import { describe, expect, it } from 'vitest'
import { aMachineProfile, aProfile } from '../testing/index.ts'
import { ConfigError, type ConfigProblem } from './errors.ts'
import { parseProfile } from './profile.ts'

function problemsOf(data: unknown): readonly ConfigProblem[] {
  try {
    parseProfile(data, 'test.json')
  } catch (error) {
    if (error instanceof ConfigError) return error.problems
    throw error
  }
  return []
}

const plain = (value: unknown): Record<string, unknown> => JSON.parse(JSON.stringify(value)) as Record<string, unknown>

describe('parseProfile', () => {
  it('takes a profile without truth, through JSON and back', () => {
    const profile = aProfile(['small', 'large'])
    expect(parseProfile(plain(profile), 'test.json')).toEqual(profile)
  })

  it('names the path and what it found there', () => {
    const slots = { ...aMachineProfile().slots, value: 0 }
    const data = aProfile(['small'], { models: { small: aMachineProfile({ slots }) } })
    expect(problemsOf(data)).toEqual([
      { path: 'models.small.slots.value', expected: expect.stringContaining('>0'), got: '0', fix: expect.any(String) },
    ])
  })

  it.each([
    ['a missing field', (data: Record<string, unknown>) => delete data['apiOverheadMs'], 'apiOverheadMs', 'nothing'],
    ['a wrong type', (data: Record<string, unknown>) => (data['id'] = 7), 'id', '7'],
    ['another schema', (data: Record<string, unknown>) => (data['schema'] = 'x/2'), 'schema', '"x/2"'],
    ['no GPU', (data: Record<string, unknown>) => (data['gpus'] = []), 'gpus', '[]'],
  ])('refuses %s', (_name, spoil, path, got) => {
    const data = plain(aProfile())
    spoil(data)
    expect(problemsOf(data)).toMatchObject([{ path, got }])
  })

  it('refuses unknown keys, so that a misspelt one is not lost', () => {
    const [problem, ...others] = problemsOf({ ...aProfile(), apiOverheadMS: 5 })
    expect(others).toEqual([])
    expect(problem).toMatchObject({ path: '(top)', expected: expect.stringContaining('apiOverheadMS') })
  })

  it('demands unit, tag and source of every number', () => {
    const data = plain(aProfile())
    data['colocationEta'] = { value: 0.1, tag: 'guessed' }
    const paths = problemsOf(data).map(({ path }) => path)
    expect(paths.sort()).toEqual(['colocationEta.source', 'colocationEta.tag', 'colocationEta.unit'])
  })

  it('demands every depth of every domain in the prior', () => {
    const data = plain(aProfile()) as { prior: { models: { small: { quality: { value: { math: object } } } } } }
    data.prior.models.small.quality.value.math = { Flash: 0.4, Concise: 0.6 }
    expect(problemsOf(data)).toMatchObject([
      { path: 'prior.models.small.quality.value.math.DeepThink', got: 'nothing' },
    ])
  })

  it.each([null, undefined, 'text', [], 7])('refuses %j as a whole', (data) => {
    expect(problemsOf(data)).toMatchObject([{ path: '(top)' }])
  })
})
