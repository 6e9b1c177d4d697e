import { describe, expect, it } from 'vitest'
import { createRandom, type EngineView } from '../../core/index.ts'
import { anEngineView } from '../../testing/index.ts'
import { chooseReplica, type ReplicaChoiceOptions } from './replica-choice.ts'

const view = (replica: string, overrides: Partial<EngineView>) => anEngineView({ replica, ...overrides })
const options = (overrides: Partial<ReplicaChoiceOptions> = {}): ReplicaChoiceOptions => ({
  affinity: null,
  readingAgeMs: () => 0,
  random: createRandom(1),
  ...overrides,
})

describe('chooseReplica', () => {
  const busy = view('busy', { slots: 8, inFlight: 4 })
  const wide = view('wide', { slots: 32, inFlight: 6 })
  const idle = view('idle', { slots: 8, inFlight: 0 })

  it('prefers the replica whose slots are least used', () => {
    expect(chooseReplica([busy, wide, idle], options())).toBe(idle)
    expect(chooseReplica([busy, wide], options())).toBe(wide)
  })

  it('breaks ties by the free share of the KV cache, then by the order of the config', () => {
    const full = view('full', { inFlight: 1, kvTokens: 1_000, held: [{ tokens: 500, remaining: 0 }] })
    const roomy = view('roomy', { inFlight: 1, kvTokens: 2_000, held: [{ tokens: 500, remaining: 0 }] })
    const foreign = view('foreign', { inFlight: 1, kvTokens: 2_000, foreignKvTokens: 900 })
    expect(chooseReplica([full, roomy, foreign], options())).toBe(roomy)
    expect(chooseReplica([view('first', {}), view('second', {})], options()).replica).toBe('first')
  })

  it('goes first to the replica that holds the prefix, if it is among those with room', () => {
    expect(chooseReplica([busy, idle], options({ affinity: 'busy' }))).toBe(busy)
    expect(chooseReplica([busy, idle], options({ affinity: 'elsewhere' }))).toBe(idle)
  })

  it('on stale readings takes the better of two at random: not always the least loaded, never the worst', () => {
    const views = [busy, wide, idle]
    const stale = options({ readingAgeMs: (replica) => (replica === 'wide' ? 3_001 : 0) })
    const counts = new Map<string, number>()
    for (let draw = 0; draw < 3_000; draw += 1) {
      const { replica } = chooseReplica(views, stale)
      counts.set(replica, (counts.get(replica) ?? 0) + 1)
    }
    expect(counts.get('busy')).toBeUndefined()
    // Of the three pairs two hold the idle one.
    expect(counts.get('idle')! / 3_000).toBeCloseTo(2 / 3, 1)
  })

  it('trusts readings of up to 3 s, and its own count where there are none', () => {
    for (const age of [3_000, null]) {
      for (let seed = 0; seed < 20; seed += 1) {
        const fresh = options({ readingAgeMs: () => age, random: createRandom(seed) })
        expect(chooseReplica([busy, wide, idle], fresh)).toBe(idle)
      }
    }
  })
})
