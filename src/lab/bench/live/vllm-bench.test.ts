/** @file The figures of `vllm bench serve`, against a calculation by hand. */
import { describe, expect, it } from 'vitest'
import { aLiveQuery } from '../../../../test/live-query.ts'
import { vllmBench } from './vllm-bench.ts'

const usage = (promptTokens: number, outputTokens: number) => ({ promptTokens, outputTokens })
const queries = [
  // Sent late by 100 ms: these figures count from the sending.
  aLiveQuery({ sentAtMs: 1100, textAtMs: [1300, 1500, 1600], finishedAtMs: 2100, usage: usage(20, 11) }),
  aLiveQuery({ sentAtMs: 2000, textAtMs: [2400], finishedAtMs: 5000, usage: usage(30, 1) }, { budgetMs: 2000 }),
  aLiveQuery({ end: 'failed', sentAtMs: 3000, textAtMs: [], finishedAtMs: 11_100, usage: null }),
]

describe('vllmBench', () => {
  const bench = vllmBench({ model: 'qwen', ratePerMinute: 30, queries })

  it('counts requests and tokens', () => {
    expect(bench).toMatchObject({
      model_id: 'qwen',
      request_rate: 0.5,
      num_prompts: 3,
      completed: 2,
      failed: 1,
      total_input_tokens: 50,
      total_output_tokens: 12,
    })
  })

  it('gives rates over the time from the first sending to the last end', () => {
    expect(bench).toMatchObject({
      duration: 10,
      request_throughput: 0.2,
      output_throughput: 1.2,
      total_token_throughput: 6.2,
      request_goodput: 0.1,
    })
  })

  it('gives times from the sending, over completed requests', () => {
    expect(bench).toMatchObject({
      mean_ttft_ms: 300,
      median_ttft_ms: 300,
      std_ttft_ms: 100,
      p99_ttft_ms: expect.closeTo(398, 6),
      // One answer alone has more than one token: (1000 - 200) / 10.
      mean_tpot_ms: 80,
      std_tpot_ms: 0,
      mean_itl_ms: 150,
      median_itl_ms: 150,
      mean_e2el_ms: 2000,
      median_e2el_ms: 2000,
      p99_e2el_ms: expect.closeTo(2980, 6),
    })
  })

  it('is 0 throughout where nothing was completed', () => {
    const none = vllmBench({ model: 'qwen', ratePerMinute: 30, queries: queries.slice(2) })
    expect(none).toMatchObject({ completed: 0, request_throughput: 0, mean_ttft_ms: 0, p99_e2el_ms: 0 })
    expect(vllmBench({ model: 'qwen', ratePerMinute: 30, queries: [] })).toMatchObject({ num_prompts: 0, duration: 0 })
  })
})
