import { describe, expect, it } from 'vitest'
import { CallSignal, type CancelSignal } from './cancel-signal.ts'

describe('a call signal', () => {
  it('tells each listener once, in order, when it is fired first', () => {
    const signal = new CallSignal()
    const heard: string[] = []
    const first = () => void heard.push('first')
    signal.addEventListener('abort', first)
    signal.addEventListener('abort', first)
    signal.addEventListener('abort', () => void heard.push('second'))
    expect(signal.aborted).toBe(false)
    signal.abort()
    signal.abort()
    expect(signal.aborted).toBe(true)
    expect(heard).toEqual(['first', 'second'])
  })

  it('tells nobody who has left', () => {
    const signal = new CallSignal()
    const leave = () => {
      throw new Error('must not be called')
    }
    signal.addEventListener('abort', leave)
    signal.removeEventListener('abort', leave)
    signal.abort()
  })

  it('lets a listener leave others be while it is told', () => {
    const signal = new CallSignal()
    let count = 0
    const last = () => {
      count += 1
    }
    signal.addEventListener('abort', () => signal.removeEventListener('abort', last))
    signal.addEventListener('abort', last)
    signal.abort()
    // As with an event that is being dispatched to a list that was taken beforehand.
    expect(count).toBe(1)
  })

  it('is what an AbortSignal is, as far as engines look', () => {
    const controller = new AbortController()
    const signal: CancelSignal = controller.signal
    controller.abort()
    expect(signal.aborted).toBe(true)
  })
})
