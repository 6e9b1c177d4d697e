import { describe, expect, it } from 'vitest'
import { ConfigError } from '../core/index.ts'
import { anonymousPool, randomPool } from './pools/index.ts'
import { loadProfile, shippedProfiles } from './profile-file.ts'

describe('a profile by name', () => {
  it('is a shipped one, one that is drawn, or one under other names', () => {
    const paper = loadProfile('paper-b200')
    expect(shippedProfiles()).toEqual(expect.arrayContaining(['duo', 'octet', 'paper-b200', 'small']))
    expect(loadProfile('random:1001')).toEqual(randomPool(paper, 1001))
    expect(loadProfile('renamed:paper-b200')).toEqual(anonymousPool(paper))
    expect(loadProfile('renamed:random:7').id).toBe('renamed:random:7')
  })

  it.each(['random:', 'random:x', 'random:-1', 'random:1.5', 'random:9999999999', 'random:1-8', 'renamed:', 'nobody'])(
    'is not %s',
    (name) => {
      expect(() => loadProfile(name)).toThrow(ConfigError)
    },
  )
})
