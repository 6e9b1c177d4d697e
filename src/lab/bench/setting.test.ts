import { describe, expect, it } from 'vitest'
import { paperModelIds, smallSetting } from '../../../test/bench/small-bench.ts'
import { priorUnder } from '../knowledge/index.ts'
import { spanOf } from './play-spec.ts'
import { longHash } from './setting.ts'

const both = ['synthetic-math', 'mixed', 'synthetic-code']

describe('a setting', () => {
  const setting = smallSetting({ datasets: both, know: 'estimated' })

  it('asks the test questions of a set, of mixed those of all its sets one after the other', () => {
    const math = setting.asked('synthetic-math')
    expect(math.questions).toEqual(setting.sets.get('synthetic-math')?.test)
    expect(math.setSizes).toEqual([math.questions.length])
    const mixed = setting.asked('mixed')
    expect(mixed.setSizes).toHaveLength(3)
    expect(mixed.setSizes.reduce((sum, size) => sum + size, 0)).toBe(mixed.questions.length)
    expect(mixed.questions.slice(0, mixed.setSizes[0])).toEqual(math.questions)
  })

  it('lets policies know of training questions alone: own first, then those of the other sets', () => {
    const [math, ...others] = setting.sets.get('mixed')!.members.map(({ train }) => train)
    const known = priorUnder({
      profile: setting.profile,
      know: 'estimated',
      sets: [math!],
      kin: others,
      seed: 3,
    })
    expect(setting.prior('synthetic-math', 3)).toEqual(known)
    expect(setting.prior('synthetic-math', 3)).toBe(setting.prior('synthetic-math', 3))
    expect(setting.prior('synthetic-math', 4)).not.toEqual(known)
    expect(setting.prior('mixed', 3)).not.toEqual(known)
  })

  it('gives a reading of questions only to those that ask for it, and the same figures beside it', () => {
    const { reading, ...figures } = setting.prior('synthetic-math', 3, { readsQuestions: true })
    expect(Object.keys(reading!.value.domains)).toEqual(['math'])
    expect(figures).toEqual(setting.prior('synthetic-math', 3))
    expect(setting.prior('synthetic-math', 3).reading).toBeUndefined()
  })

  it('has a hash for everything that results rest on', () => {
    const hashes = both.map((dataset) => setting.questionsHash(dataset))
    expect(new Set(hashes).size).toBe(3)
    expect(smallSetting({ datasets: ['mixed'] }).questionsHash('mixed')).toBe(hashes[1])
    const other = smallSetting({ profile: 'paper-h100' })
    expect(other.profileHash).not.toBe(setting.profileHash)
    for (const hash of [...hashes, setting.profileHash, setting.truthHash]) expect(hash).toMatch(/^[0-9a-f]{32}$/)
    expect(longHash('a')).not.toBe(longHash('b'))
  })

  it('has faults begin in the middle of the measured time', () => {
    const { faults } = smallSetting({ faults: ['down'], warmUpMinutes: 2, minutes: 6 })
    expect(faults).toMatchObject([{ atMs: 5 * 60_000, engine: paperModelIds[1] }])
  })
})

describe('how long a run lasts', () => {
  const asked = { minutes: 30, warmUpMinutes: 5 }
  it('is what was asked for', () => {
    expect(spanOf('poisson', 10, asked)).toEqual(asked)
    expect(spanOf('trace:x.csv', 10, asked)).toEqual(asked)
  })

  it('of a burst is what its 500 queries take, with no warm-up', () => {
    const { minutes, warmUpMinutes } = spanOf('burst', 10, asked)
    expect(warmUpMinutes).toBe(0)
    // Ten deviations of the last arrival beyond its mean.
    expect(minutes).toBeGreaterThan(50 + 10 * (Math.sqrt(500) / 10))
  })
})
