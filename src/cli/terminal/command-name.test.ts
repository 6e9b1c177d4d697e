import { describe, expect, it } from 'vitest'
import { commandName } from './command-name.ts'

describe('the name of the command in hints', () => {
  it.each([
    ['/usr/lib/node_modules/.bin/inframind', '/home/me', 'inframind'],
    ['/home/me/inframind/dist/cli/main.js', '/home/me/inframind', 'node dist/cli/main.js'],
    ['/home/me/inframind/dist/cli/main.js', '/home/me', 'node inframind/dist/cli/main.js'],
  ])('is what %s in %s was run as', (script, folder, name) => {
    expect(commandName(script, folder)).toBe(name)
  })
})
