/** @file Parallel steps told one after the other: nothing lost, nothing mixed, each headed by its role. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { StepVoices } from './step-voices.ts'

function listener() {
  const said: string[] = []
  const voices = new StepVoices(async (text) => {
    said.push(text)
  })
  return { said, voices }
}

describe('StepVoices', () => {
  it('lets one speak live and holds the others until it has finished', async () => {
    const { said, voices } = listener()
    voices.introduce('0/0', 'Solver')
    voices.introduce('0/1', 'Critic')
    await voices.speak('0/0', 'one ')
    await voices.speak('0/1', 'uno ')
    await voices.speak('0/0', 'two')
    expect(said.join('')).toBe('\n\nSolver: one two')
    await voices.finish('0/0')
    expect(said.join('')).toBe('\n\nSolver: one two\n\nCritic: uno ')
    await voices.speak('0/1', 'dos')
    expect(said.at(-1)).toBe('dos')
  })

  it('passes the turn over speakers that finished while held', async () => {
    const { said, voices } = listener()
    for (const step of ['a', 'b', 'c']) await voices.speak(step, step)
    await voices.finish('b')
    await voices.finish('a')
    await voices.speak('c', '!')
    expect(said.join('')).toBe('\n\na\n\nb\n\nc!')
  })

  it('says all that was said once everybody has finished, whatever the order', async () => {
    const event = fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.integer({ min: 0, max: 9 }))
    await fc.assert(
      fc.asyncProperty(
        fc.array(event),
        fc.shuffledSubarray(['a', 'b', 'c'], { minLength: 3 }),
        async (events, order) => {
          const { said, voices } = listener()
          for (const [step, digit] of events) await voices.speak(step, `${step}${digit}`)
          for (const step of order) await voices.finish(step)
          const told = said
            .join('')
            .split('\n\n')
            .filter((turn) => turn !== '')
          const expected = ['a', 'b', 'c'].map((step) =>
            events
              .filter(([own]) => own === step)
              .map(([, digit]) => `${step}${digit}`)
              .join(''),
          )
          expect([...told].sort()).toEqual(expected.filter((turn) => turn !== '').sort())
        },
      ),
    )
  })
})
