/** @file Who may run: never too many, in order, alone means alone, and giving up leaves no hole. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Turns } from './turns.ts'

const settle = () => new Promise<void>((resolve) => setImmediate(resolve))

/** Takes turns and notes who started, in order. */
function bench(limit: number) {
  const turns = new Turns(limit)
  const started: string[] = []
  const give = new Map<string, () => void>()
  const take = (name: string, { isAlone = false, signal }: { isAlone?: boolean; signal?: AbortSignal } = {}) =>
    turns.take({ isAlone, signal }).then((giveBack) => {
      started.push(name)
      give.set(name, giveBack)
    })
  const giveBack = async (name: string) => {
    give.get(name)?.()
    await settle()
  }
  return { take, giveBack, started }
}

describe('turns', () => {
  it('lets as many run as allowed, then the first that waits', async () => {
    const { take, giveBack, started } = bench(2)
    for (const name of ['a', 'b', 'c', 'd']) void take(name)
    await settle()
    expect(started).toEqual(['a', 'b'])
    await giveBack('b')
    expect(started).toEqual(['a', 'b', 'c'])
  })

  it('lets one run alone: after all before it, before all behind it', async () => {
    const { take, giveBack, started } = bench(3)
    void take('a')
    void take('alone', { isAlone: true })
    void take('b')
    await settle()
    expect(started).toEqual(['a'])
    await giveBack('a')
    expect(started).toEqual(['a', 'alone'])
    await giveBack('alone')
    expect(started).toEqual(['a', 'alone', 'b'])
  })

  it('lets one give up, with its reason, and those behind it move up', async () => {
    const { take, started } = bench(2)
    const controller = new AbortController()
    void take('a')
    const alone = take('alone', { isAlone: true, signal: controller.signal })
    void take('b')
    await settle()
    controller.abort('enough')
    await expect(alone).rejects.toBe('enough')
    await settle()
    expect(started).toEqual(['a', 'b'])
    await expect(take('c', { signal: controller.signal })).rejects.toBe('enough')
  })

  it('holds for any order of coming and going', async () => {
    const step = fc.record({ isAlone: fc.boolean(), leaves: fc.nat(3) })
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 3 }), fc.array(step, { maxLength: 20 }), async (limit, steps) => {
        const turns = new Turns(limit)
        const running: { readonly isAlone: boolean; readonly giveBack: () => void }[] = []
        let served = 0
        const check = () => {
          expect(running.length).toBeLessThanOrEqual(limit)
          if (running.some(({ isAlone }) => isAlone)) expect(running.length).toBe(1)
        }
        for (const { isAlone, leaves } of steps) {
          void turns.take({ isAlone }).then((giveBack) => {
            running.push({ isAlone, giveBack })
            served += 1
            check()
          })
          await settle()
          for (const { giveBack } of running.splice(0, leaves)) giveBack()
          await settle()
        }
        for (let gone = running.splice(0); gone.length > 0; gone = running.splice(0)) {
          for (const { giveBack } of gone) giveBack()
          await settle()
        }
        expect(served).toBe(steps.length)
      }),
    )
  })
})
