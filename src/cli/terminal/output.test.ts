import { Writable } from 'node:stream'
import { expect, it } from 'vitest'
import { whenWritten } from './output.ts'

it('waits until a slow reader has taken all that was written, and for nothing else', async () => {
  const taken: string[] = []
  const takers: (() => void)[] = []
  const slow = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      takers.push(() => {
        taken.push(String(chunk))
        done()
      })
    },
  })
  slow.write('first')
  slow.write('second')
  let isWritten = false
  const written = whenWritten(slow).then(() => (isWritten = true))
  await Promise.resolve()
  expect(isWritten).toBe(false)
  while (!isWritten) {
    takers.shift()?.()
    await new Promise(setImmediate)
  }
  await written
  expect(taken.join('')).toBe('firstsecond')
  slow.destroy()
  await whenWritten(slow)
})
