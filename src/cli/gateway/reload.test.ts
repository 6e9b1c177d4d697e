import { describe, expect, it } from 'vitest'
import { loadConfig } from '../../serve/index.ts'
import { catchHangUps } from './on-hangup.ts'
import { partsForRestart, reloadedConfig } from './reload.ts'

const configOf = (rest = '', engine = 'http://a:1') =>
  loadConfig({ text: `{ version: 1, engines: [{ url: "${engine}" }]${rest} }`, baseDir: '/x' }, { env: {} })
const old = configOf()

describe('a reload', () => {
  it.each([
    ['nothing that changed', '', []],
    ['policies and virtual models at once', ', policy: { executor: mcpp }, models: { fast: { budget: 5s } }', []],
    ['the address', ', listen: "127.0.0.1:1"', ['listen']],
    ['the profile', ', profile: small', ['profile']],
    ['the discipline', ', policy: { discipline: fcfs }', ['policy.discipline']],
    ['limits and records', ', limits: { waiting: 3 }, records: { dir: ./other }', ['limits', 'records']],
    ['gateways', ', gateways: 2', ['gateways']],
  ] as const)('takes up, or lets wait: %s', (_, rest, waiting) => {
    expect(partsForRestart(old, configOf(rest))).toEqual(waiting)
  })

  it('lets engines wait', () => expect(partsForRestart(old, configOf('', 'http://b:1'))).toEqual(['engines']))

  it('changes what it may, and nothing else', () => {
    const rest =
      ', listen: "127.0.0.1:1", policy: { executor: mcpp, discipline: fcfs }, models: { fast: { budget: 5s } }'
    const next = configOf(rest, 'http://b:1')
    const now = reloadedConfig(old, next)
    expect(now).toEqual({
      ...old,
      virtualModels: next.virtualModels,
      policy: { ...next.policy, discipline: 'edf-demote' },
    })
    expect([...now.virtualModels.keys()]).toContain('fast')
  })
})

describe('hang-ups', () => {
  it('are heard once somebody listens, also one that came before, and passed over in the end', () => {
    let heard = 0
    const listeners = process.listenerCount('SIGHUP')
    const hangUps = catchHangUps()
    process.emit('SIGHUP')
    process.emit('SIGHUP')
    hangUps.listen(() => {
      heard += 1
    })
    expect(heard).toBe(1)
    process.emit('SIGHUP')
    expect(heard).toBe(2)
    hangUps.ignore()
    process.emit('SIGHUP')
    expect(heard).toBe(2)
    expect(process.listenerCount('SIGHUP')).toBe(listeners + 1)
    hangUps.release()
    expect(process.listenerCount('SIGHUP')).toBe(listeners)
  })

  it('come to nothing where none came', () => {
    const hangUps = catchHangUps()
    hangUps.listen(() => expect.unreachable())
    hangUps.release()
  })
})
