/** @file The address of a gateway, the command that a summary keeps, and what is refused beforehand. */
import { describe, expect, it } from 'vitest'
import { ConfigError } from '../../../core/index.ts'
import { checkLiveOptions, gatewayOrigin, type LiveOptions, liveCommand, liveMethod } from './live-options.ts'

const options: LiveOptions = {
  url: 'http://127.0.0.1:8080/v1/',
  key: 'secret',
  model: 'inframind',
  timeScale: 10,
  data: null,
  datasets: ['synthetic-math', 'synthetic-choice'],
  rates: [30],
  budgets: [10, null],
  arrivals: 'poisson',
  minutes: 10,
  warmUpMinutes: 1,
  seeds: 2,
  seed: 1,
}

describe('live options', () => {
  it.each([
    ['http://host:8080', 'http://host:8080'],
    ['http://host:8080/', 'http://host:8080'],
    ['http://host:8080/v1', 'http://host:8080'],
    ['https://host/some/path/v1/', 'https://host/some/path'],
    ['http://host/llm', 'http://host/llm'],
  ])('reads %s as %s', (url, origin) => {
    expect(gatewayOrigin(url)).toBe(origin)
  })

  it('keeps everything that makes the measurement in the command, and never the key', () => {
    expect(liveCommand(options)).toBe(
      'inframind bench --live http://127.0.0.1:8080 --model inframind --time-scale 10 ' +
        '--datasets synthetic-math,synthetic-choice --rates 30 --budgets 10,mix --arrivals poisson ' +
        '--minutes 10 --warm-up 1 --seeds 2 --seed 1',
    )
    expect(liveCommand({ ...options, data: '/some/folder' })).toContain('--data DIR')
  })

  it('names the method after the model', () => {
    expect(liveMethod(options)).toBe('live:inframind')
  })

  it('refuses what the benchmark refuses', () => {
    expect(() => checkLiveOptions(options)).not.toThrow()
    expect(() => checkLiveOptions({ ...options, rates: [] })).toThrow(ConfigError)
    expect(() => checkLiveOptions({ ...options, minutes: 0 })).toThrow('--minutes')
  })
})
