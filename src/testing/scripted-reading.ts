/** @file An engine's reading for tests: healthy, idle, nothing missing, unless a test says otherwise. */
import type { EngineReading } from '../core/index.ts'

/** A whole reading from the fields a test cares about. */
export function scriptedReading(overrides: Partial<EngineReading> = {}): EngineReading {
  return {
    atMs: 0,
    health: 'ok',
    dialect: 'scripted',
    running: 0,
    waiting: 0,
    kvUsage: 0,
    ttft: null,
    interToken: null,
    e2e: null,
    queueTime: null,
    contextTokens: 32_768,
    slots: 8,
    kvTokens: 100_000,
    servedModels: ['small'],
    metricNames: {},
    missing: [],
    ...overrides,
  }
}
