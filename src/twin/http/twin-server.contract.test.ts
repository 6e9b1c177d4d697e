/** @file The gateway's own client meets the twin's server: together they keep the contract of engines, and nothing is missing. */
import { describe, expect, it } from 'vitest'
import { describeEngineContract } from '../../../test/contracts/engine.contract.ts'
import { paperProfile } from '../../../test/paper-profile.ts'
import { createScaledClock, createWallClock } from '../../core/index.ts'
import { createHttpEngine, type HttpEngine, probeEngine } from '../../pool/index.ts'
import { createSimulatedEngine } from '../engine/index.ts'
import { startTwinServer, type TwinServer } from './twin-server.ts'

const model = 'Llama-3.2-3B-Instruct'
const profile = paperProfile()
const machine = profile.models[model]
if (!machine) throw new Error(`the profile must hold ${model}`)

async function start(): Promise<{ readonly server: TwinServer; readonly engine: HttpEngine; pause(): Promise<void> }> {
  // Slow enough for an answer to come in many pieces on a machine that is busy.
  const clock = createScaledClock(createWallClock(), 2)
  const simulated = createSimulatedEngine({
    id: `${model}#1`,
    model,
    machine: machine as NonNullable<typeof machine>,
    apiOverheadMs: profile.apiOverheadMs.value,
    prefillChunkTokens: profile.prefillChunkTokens.value,
    clock,
    answers: {
      answer: ({ promptTokens }) => ({ text: 'word '.repeat(64), outputTokens: 80, promptTokens, isRight: null }),
    },
    fidelity: 'event-skipping',
  })
  const readMeaning = () => ({ questionText: 'Hi', strategy: null, kind: 'solve', role: null, inputs: [] }) as const
  const server = await startTwinServer({ engine: simulated, model, clock, readMeaning, maxModelLen: 16_384 })
  const engine = createHttpEngine({
    id: 'small#1',
    model: 'small',
    servedModel: model,
    url: server.url,
    dialect: 'vllm',
    clock: createWallClock(),
    acceptsPriority: true,
  })
  const pause = () => new Promise<void>((resolve) => clock.at(clock.nowMs() + 50, resolve))
  return { server, engine, pause }
}

describeEngineContract('TwinServer with HttpEngine', {
  create: async () => {
    const { server, engine, pause } = await start()
    const close = async () => {
      await engine.close()
      await server.close()
    }
    return { engine, settle: (promise) => promise, pause, close }
  },
  createFailing: async () => {
    const { server, engine, pause } = await start()
    await server.setFault({ kind: 'refuse' })
    return { engine, settle: (promise) => promise, pause, close: () => engine.close() }
  },
})

describe('a probe of the twin', () => {
  it('takes it for a vLLM server in priority mode with every metric that vLLM has', async () => {
    const { server, engine } = await start()
    const report = await probeEngine({
      url: server.url,
      timeoutMs: 10_000,
      clock: createWallClock(),
      probePriority: true,
    })
    await engine.close()
    await server.close()
    expect(report).toMatchObject({
      isReachable: true,
      dialect: 'vllm',
      servedModels: [model],
      contextTokens: 16_384,
      // Whole blocks of 16.
      kvTokens: 128_800,
      // vLLM does not say how many sequences it runs at once, and so neither does this.
      missing: ['slots'],
      health: 'ok',
      acceptsPriority: true,
    })
  })
})
