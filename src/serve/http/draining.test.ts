/** @file Bounds on work, and closing: what runs finishes, what comes is refused, what lasts too long is aborted. */
import { describe, expect, it } from 'vitest'
import { aborted, aGateway, answered, says, until } from '../../../test/gateway-fakes.ts'
import { ask, errorOf, get } from '../../../test/gateway-requests.ts'
import { ManualClock } from '../../testing/index.ts'

describe('bounds and draining', () => {
  const held = () => {
    const ends: (() => void)[] = []
    const script = ({ request, signal }: { request: Parameters<typeof answered>[0]; signal: AbortSignal }) =>
      Promise.race([
        new Promise<ReturnType<typeof answered>>((resolve) => ends.push(() => resolve(answered(request, 'late')))),
        aborted(signal).then(() => answered(request, '', { status: 'aborted' })),
      ])
    return { ends, script }
  }
  const begun = (runtime: { requests: readonly unknown[] }, count: number) =>
    until(() => runtime.requests.length >= count)

  it('refuse more requests than the limit', async () => {
    const { ends, script } = held()
    const { gateway, runtime } = await aGateway(script, { limits: { waiting: 2, bodyBytes: 1000, connections: null } })
    const running = [gateway.inject(ask()), gateway.inject(ask())]
    await begun(runtime, 2)
    const refused = await gateway.inject(ask())
    expect(errorOf(refused)).toMatchObject({
      status: 429,
      inframind_code: 'QUEUE_FULL',
      headers: { 'retry-after': '1' },
    })
    for (const end of ends) end()
    expect((await Promise.all(running)).map(({ status }) => status)).toEqual([200, 200])
    runtime.script = says('again')
    expect((await gateway.inject(ask())).status).toBe(200)
  })

  it('let running requests finish, refuse new ones, and are not ready meanwhile', async () => {
    const { ends, script } = held()
    const { gateway, runtime } = await aGateway(script, { clock: new ManualClock() })
    const running = gateway.inject(ask())
    await begun(runtime, 1)
    const closed = gateway.close({ drainMs: 10_000 })
    expect((await gateway.inject(get('/ready'))).status).toBe(503)
    expect((await gateway.inject(get('/health'))).status).toBe(200)
    const refused = await gateway.inject(ask())
    expect(errorOf(refused)).toMatchObject({ status: 503, inframind_code: 'POOL_UNAVAILABLE' })
    expect(refused.headers).toMatchObject({ 'retry-after': '1', connection: 'close' })
    for (const end of ends) end()
    expect((await running).status).toBe(200)
    expect(await closed).toBe(true)
    expect(await gateway.close({ drainMs: 0 })).toBe(true)
  })

  it('abort what has not finished in time, with an answer that says so', async () => {
    const clock = new ManualClock()
    const { script } = held()
    const { gateway, runtime } = await aGateway(script, { clock })
    const running = gateway.inject(ask())
    await begun(runtime, 1)
    const closed = gateway.close({ drainMs: 5000 })
    clock.advanceBy(5000)
    expect(errorOf(await running)).toMatchObject({ status: 503, inframind_code: 'POOL_UNAVAILABLE' })
    expect(await closed).toBe(false)
  })

  it('close at once when nothing runs', async () => {
    const { gateway } = await aGateway(undefined, { clock: new ManualClock() })
    expect(await gateway.close({ drainMs: 5000 })).toBe(true)
  })
})
