import { describe, expect, it } from 'vitest'
import { ConfigError, InframindError } from '../../core/index.ts'
import { builtInTopologies } from './topology.ts'
import { createTopologyBook } from './topology-book.ts'

function refusal(extra: unknown): ConfigError {
  try {
    createTopologyBook(extra, 'inframind.yaml')
  } catch (error) {
    if (error instanceof ConfigError) return error
    throw error
  }
  throw new Error('was accepted')
}

describe('the book of topologies', () => {
  it('holds the built-in ones', () => {
    const book = createTopologyBook()
    expect(book.ids).toEqual(builtInTopologies.map(({ id }) => id))
    expect(book.get('debate')).toMatchObject({ id: 'debate', rounds: 2, edgesFromPreviousRound: 'others' })
    expect(book.find('nothing')).toBeUndefined()
  })

  it('names the nearest where a request asks for an unknown one', () => {
    const ask = () => createTopologyBook().get('debat')
    expect(ask).toThrow(InframindError)
    expect(ask).toThrow('did you mean debate?')
    expect(() => createTopologyBook().get('zzzzzzzz')).toThrow('use one of io, cot')
  })

  it('takes further ones from a config, with defaults', () => {
    const book = createTopologyBook({
      council: { description: 'Three rounds of talk.', rounds: 3, edgesFromPreviousRound: 'all' },
    })
    expect(book.ids).toEqual([...builtInTopologies.map(({ id }) => id), 'council'])
    expect(book.get('council')).toEqual({
      id: 'council',
      description: 'Three rounds of talk.',
      rounds: 3,
      edgesWithinRound: 'none',
      edgesFromPreviousRound: 'all',
      selfReview: false,
      stepByStep: false,
      aggregator: true,
      escalation: false,
    })
  })

  const council = { description: 'd' }
  it.each([
    [
      'an unknown key',
      { council: { ...council, agregator: false } },
      'topologies.council.agregator',
      'Did you mean aggregator?',
    ],
    [
      'an unknown edge',
      { council: { ...council, edgesWithinRound: 'chian' } },
      'topologies.council.edgesWithinRound',
      'Did you mean chain?',
    ],
    ['no rounds', { council: { ...council, rounds: 0 } }, 'topologies.council.rounds', ''],
    ['a wrong type', { council: { ...council, selfReview: 'yes' } }, 'topologies.council.selfReview', ''],
    ['no description', { council: {} }, 'topologies.council.description', ''],
    ['no data', { council: null }, 'topologies.council', ''],
    ['rounds without edges', { council: { ...council, rounds: 2 } }, 'topologies.council.edgesFromPreviousRound', ''],
    [
      'edges without rounds',
      { council: { ...council, edgesFromPreviousRound: 'all' } },
      'topologies.council.edgesFromPreviousRound',
      '',
    ],
    ['several ends', { council: { ...council, aggregator: false } }, 'topologies.council.aggregator', ''],
    [
      'an escalation after an aggregator',
      { council: { ...council, escalation: true } },
      'topologies.council.escalation',
      '',
    ],
    ['a built-in name', { debate: council }, 'topologies.debate', 'my-debate'],
    ['a bad name', { 'No Name': council }, 'topologies.No Name', ''],
    ['a list', [council], 'topologies', ''],
    ['a text', 'debate', 'topologies', ''],
  ])('refuses %s, naming path and fix', (_, extra, path, fix) => {
    const [problem] = refusal(extra).problems
    expect(problem?.path).toBe(path)
    expect(problem?.fix).toContain(fix)
    expect(refusal(extra).message).toContain('inframind.yaml cannot be used')
  })

  it('lists every problem at once', () => {
    const extra = { one: { description: 'd', rounds: 'many' }, two: { description: 'd', foo: 1, bar: 2 } }
    expect(refusal(extra).problems.map(({ path }) => path)).toEqual([
      'topologies.one.rounds',
      'topologies.two.foo',
      'topologies.two.bar',
    ])
  })
})
