/** @file What the unshare command line may show of the host. */
import { describe, expect, it } from 'vitest'
import type { Box } from './level.ts'
import { createUnshareLevel, mountPointFor } from './unshare-level.ts'

const box: Box = {
  python: { executable: '/opt/python/bin/python3', folders: ['/opt/python'], version: '3.12.1' },
  cpuSeconds: 3,
  memoryBytes: 1000,
  diskBytes: 2000,
  processes: 4,
}

describe('the mount point of the new root', () => {
  it.each([
    [[], '/tmp'],
    [['/opt/python'], '/tmp'],
    [['/tmp/environment'], '/mnt'],
    [['/tmp', '/mnt/python', '/mediator'], '/media'],
    [['/tmpfiles'], '/tmp'],
  ])('hides none of %j: %s', (folders, expected) => {
    expect(mountPointFor(folders)).toBe(expected)
  })
})

describe('the command', () => {
  const place = (args: readonly string[], name: string) => args.indexOf(name)

  it('dies with us, and its tree with it', () => {
    const { command, args } = createUnshareLevel({ isRealRoot: false }).launch(box)
    expect([command, ...args.slice(0, 2)]).toEqual(['setpriv', '--pdeathsig=KILL', 'unshare'])
    expect(args).toContain('--kill-child=KILL')
  })

  it.each([true, false])('changes the user before it limits processes (root: %s)', (isRealRoot) => {
    const { args } = createUnshareLevel({ isRealRoot }).launch(box)
    expect(args.includes('--reuid=65534')).toBe(isRealRoot)
    expect(args.includes('--map-root-user')).toBe(!isRealRoot)
    expect(place(args, '--map-user=1000')).toBeLessThan(place(args, '--nproc=4'))
    expect(place(args, '--bounding-set=-all')).toBeGreaterThan(place(args, '--map-user=1000'))
    expect(args).toEqual(expect.arrayContaining(['--as=1000', '--fsize=2000', '--cpu=3:4', '--no-new-privs']))
  })
})
