/** @file What a call costs that never gave a token, and that an engine which breaks its word leaves nothing behind. */
import { afterEach, expect, it } from 'vitest'
import { createFolders, createPool, small } from '../../../test/collect-pool.ts'
import { CallSignal, type Clock, type Engine, type EngineCall, noUsage } from '../../core/index.ts'
import { Budget } from './budget.ts'
import { CallDesk } from './call-desk.ts'
import { CollectionFiles } from './collection-files.ts'
import { createGrader } from './grader.ts'

const folders = createFolders()
afterEach(folders.clear)

const call: EngineCall = {
  id: 'one',
  messages: () => [],
  meaning: { questionText: '', strategy: 'Concise', kind: 'solve', role: null, inputs: [] },
  promptTokens: 100,
  maxOutputTokens: 50,
  deadlineAtMs: 0,
  body: {},
}
const about = {
  phase: 2,
  isBackground: false,
  prompt: '0',
  role: 'r',
  domain: 'math',
  level: 1,
  running: null,
  waiting: null,
  kvUsage: null,
  questionId: null,
} as const

function createRig(run: Engine['run']) {
  const { clock: virtual, engines } = createPool({ models: [small] })
  const timers = new Set<() => void>()
  const clock: Clock = {
    nowMs: () => virtual.nowMs(),
    at: (ms, fn) => {
      const cancel = virtual.at(ms, fn)
      timers.add(cancel)
      return () => {
        timers.delete(cancel)
        cancel()
      }
    },
  }
  const identity = { seed: 1, questionsHash: '', maxAgents: 1, timeScale: 1, engines: {} }
  const budget = new Budget({ maxTokens: 150, maxRequests: Infinity })
  const desk = new CallDesk({
    clock,
    budget,
    files: new CollectionFiles(folders.next(), identity),
    grader: createGrader([], null),
    mostPerModel: 1,
    callTimeoutMs: 1000,
    onCall: () => {},
    onFault: () => {},
  })
  const engine: Engine = { ...engines[0]!, run }
  return { timers, budget, send: () => desk.send(engine, call, { signal: new CallSignal(), about }) }
}

const failed = {
  status: 'failed',
  text: '',
  reasoning: '',
  toolCalls: null,
  logprobs: null,
  usage: noUsage,
  isUsageReported: false,
  sentAtMs: 0,
  firstTokenAtMs: null,
  finishedAtMs: 1,
  finishReason: '',
} as const
const errorOf = (code: 'ENGINE_TIMEOUT' | 'CONTEXT_TOO_LONG') => ({
  code,
  message: '',
  status: null,
  retryAfterMs: null,
})

it('a prompt that was sent in vain is paid for, one that was turned away is not', async () => {
  const vain = createRig(async () => ({ ...failed, error: errorOf('ENGINE_TIMEOUT') }))
  await vain.send()
  expect(vain.budget.tokens).toBe(100)
  const refused = createRig(async () => ({ ...failed, error: errorOf('CONTEXT_TOO_LONG') }))
  await refused.send()
  expect(refused.budget.tokens).toBe(0)
})

it('an engine that rejects leaks no place, no tokens and no timer', async () => {
  const rig = createRig(() => Promise.reject(new Error('broken')))
  for (let again = 0; again < 3; again += 1) await expect(rig.send()).rejects.toThrow('broken')
  expect([rig.budget.tokens, rig.budget.end]).toEqual([0, null])
  expect(rig.timers.size).toBe(0)
})
