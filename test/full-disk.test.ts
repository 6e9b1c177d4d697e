import { expect, it } from 'vitest'
import { onFullDisk } from './full-disk.ts'

it('a test that needs a full disk says in its title when there is none', () => {
  expect(onFullDisk('fails', true)).toBe('fails')
  expect(onFullDisk('fails', false)).toBe('fails (skipped: no /dev/full)')
})
