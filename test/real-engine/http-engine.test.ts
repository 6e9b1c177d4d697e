/** @file The HTTP engine keeps the contract of engines against a real llama.cpp, too. */
import { afterAll, describe } from 'vitest'
import { createWallClock } from '../../src/core/index.ts'
import { createHttpEngine } from '../../src/pool/index.ts'
import { anEngineCall } from '../../src/testing/index.ts'
import { describeEngineContract } from '../contracts/engine.contract.ts'
import { pause } from '../contracts/http-harness.ts'
import { isRealEngineInstalled, type RealEngine, startRealEngine } from './start-real-engine.ts'

describe.skipIf(!isRealEngineInstalled)('with a real engine', () => {
  let started: Promise<RealEngine> | null = null
  afterAll(async () => (await started)?.close())

  describeEngineContract('the HTTP engine on llama.cpp', {
    create: async () => {
      started ??= startRealEngine()
      const { url, model } = await started
      const engine = createHttpEngine({
        id: 'tiny#1',
        model: 'tiny',
        servedModel: model,
        url,
        dialect: 'llama-cpp',
        clock: createWallClock(),
        acceptsPriority: false,
      })
      return {
        engine,
        settle: (promise) => promise,
        pause,
        // This seed's answer ends by itself after some hundred tokens.
        call: (overrides) => anEngineCall({ body: { seed: 4, temperature: 1 }, ...overrides }),
        close: () => engine.close(),
      }
    },
  })
})
