/** @file Keeps tests silent: a console call in product code or in a test fails the test that made it. */
import { afterEach, expect, vi } from 'vitest'

const spies = (['log', 'info', 'warn', 'error', 'debug'] as const).map((method) =>
  vi.spyOn(console, method).mockImplementation(() => {}),
)

afterEach(() => {
  for (const spy of spies) {
    expect(spy.mock.calls, 'console must stay silent').toEqual([])
    spy.mockClear()
  }
})
