/** @file Pages of metrics of every dialect and age: which name was read, sums over ranks, and null for what is not there. */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { detectDialect, dialects } from './dialects/dialects.ts'
import { readMetrics } from './metrics-reading.ts'

const vllm = (text: string) => readMetrics(text, dialects.vllm)
const llama = (file: string) =>
  readMetrics(
    readFileSync(resolve(import.meta.dirname, '../../../test/fixtures/llama-cpp', file), 'utf8'),
    dialects['llama-cpp'],
  )

const current = `
# TYPE vllm:num_requests_running gauge
vllm:num_requests_running{engine="0",model_name="m"} 3.0
vllm:num_requests_running{engine="1",model_name="m"} 4.0
vllm:num_requests_waiting{engine="0",model_name="m"} 5.0
vllm:num_requests_waiting{engine="1",model_name="m"} 1.0
vllm:num_requests_waiting_by_reason{engine="0",model_name="m",reason="capacity"} 2.0
vllm:num_requests_waiting_by_reason{engine="0",model_name="m",reason="deferred"} 3.0
vllm:num_requests_waiting_by_reason{engine="1",model_name="m",reason="capacity"} 1.0
vllm:kv_cache_usage_perc{engine="0",model_name="m"} 0.25
vllm:kv_cache_usage_perc{engine="1",model_name="m"} 0.75
vllm:cache_config_info{block_size="16",engine="0",num_gpu_blocks="1000"} 1.0
vllm:cache_config_info{block_size="16",engine="1",num_gpu_blocks="500"} 1.0
vllm:time_to_first_token_seconds_bucket{engine="0",le="0.001"} 0
vllm:time_to_first_token_seconds_sum{engine="0"} 1.5
vllm:time_to_first_token_seconds_count{engine="0"} 10
vllm:time_to_first_token_seconds_sum{engine="1"} 0.5
vllm:time_to_first_token_seconds_count{engine="1"} 10
vllm:time_to_first_token_seconds_created{engine="0"} 1.7e9
vllm:inter_token_latency_seconds_sum 2
vllm:inter_token_latency_seconds_count 100
vllm:time_per_output_token_seconds_sum 9
vllm:time_per_output_token_seconds_count 9
vllm:e2e_request_latency_seconds_sum 30
vllm:e2e_request_latency_seconds_count 10
vllm:request_queue_time_seconds_sum 0
vllm:request_queue_time_seconds_count 10
`

describe('vLLM', () => {
  it('of today: summed over engines, the fullest cache, waiting for capacity alone', () => {
    expect(vllm(current)).toEqual({
      running: 7,
      waiting: 3,
      kvUsage: 0.75,
      ttft: { sumMs: 2000, count: 20 },
      interToken: { sumMs: 2000, count: 100 },
      e2e: { sumMs: 30_000, count: 10 },
      queueTime: { sumMs: 0, count: 10 },
      kvTokens: 24_000,
      metricNames: {
        running: 'vllm:num_requests_running',
        waiting: 'vllm:num_requests_waiting_by_reason',
        kvUsage: 'vllm:kv_cache_usage_perc',
        ttft: 'vllm:time_to_first_token_seconds',
        interToken: 'vllm:inter_token_latency_seconds',
        e2e: 'vllm:e2e_request_latency_seconds',
        queueTime: 'vllm:request_queue_time_seconds',
        kvTokens: 'vllm:cache_config_info',
      },
    })
  })

  it('of yesterday: older names, and says so', () => {
    const reading = vllm(`
vllm:num_requests_running{model_name="m"} 2
vllm:num_requests_waiting{model_name="m"} 1
vllm:gpu_cache_usage_perc{model_name="m"} 0.5
vllm:time_per_output_token_seconds_sum{model_name="m"} 1
vllm:time_per_output_token_seconds_count{model_name="m"} 50`)
    expect(reading).toMatchObject({ running: 2, waiting: 1, kvUsage: 0.5, interToken: { sumMs: 1000, count: 50 } })
    expect(reading.metricNames).toEqual({
      running: 'vllm:num_requests_running',
      waiting: 'vllm:num_requests_waiting',
      kvUsage: 'vllm:gpu_cache_usage_perc',
      interToken: 'vllm:time_per_output_token_seconds',
    })
  })

  it('prefers the new name where both are there', () => {
    expect(vllm('vllm:gpu_cache_usage_perc 0.1\nvllm:kv_cache_usage_perc 0.2').kvUsage).toBe(0.2)
  })

  it.each([
    ['an empty page', ''],
    ['another engine', 'llamacpp:requests_processing 3'],
    ['values that are none', 'vllm:num_requests_running NaN\nvllm:kv_cache_usage_perc +Inf'],
    ['half a histogram', 'vllm:time_to_first_token_seconds_sum 3'],
    ['a cache that is not sized yet', 'vllm:cache_config_info{num_gpu_blocks="None",block_size="16"} 1'],
    ['a cache of unknown block size', 'vllm:cache_config_info{num_gpu_blocks="5"} 1'],
    ['names that only begin alike', 'vllm:num_requests_running_total 3\nvllm:num_requests_waiting_x 1'],
  ])('absent is not zero: %s', (_name, text) => {
    const { metricNames, ...fields } = vllm(text)
    expect(Object.values(fields).every((value) => value === null)).toBe(true)
    expect(metricNames).toEqual({})
  })

  it('zero is not absent', () => {
    expect(vllm('vllm:num_requests_running 0\nvllm:kv_cache_usage_perc 0')).toMatchObject({
      running: 0,
      kvUsage: 0,
      waiting: null,
    })
  })
})

describe('llama.cpp', () => {
  it('is read from its recorded pages: older ones know the KV usage', () => {
    const reading = llama('metrics-overload.prom')
    expect(reading).toMatchObject({
      running: 2,
      waiting: 4,
      kvUsage: 0.00732422,
      ttft: null,
      e2e: null,
      queueTime: null,
      kvTokens: null,
    })
    expect(reading.interToken).toEqual({ sumMs: 4696, count: 1400 })
    expect(reading.metricNames['interToken']).toBe('llamacpp:tokens_predicted_seconds_total')
    expect(llama('metrics-after.prom')).toMatchObject({
      running: 0,
      waiting: 0,
      interToken: { sumMs: 19_034, count: 5100 },
    })
  })

  it('of today has no KV usage: null', () => {
    const text = 'llamacpp:requests_processing 1\nllamacpp:requests_deferred 0'
    expect(readMetrics(text, dialects['llama-cpp'])).toMatchObject({ running: 1, waiting: 0, kvUsage: null })
  })
})

it('a generic server publishes nothing, whatever its page says', () => {
  expect(readMetrics(current, dialects.openai)).toMatchObject({
    running: null,
    kvUsage: null,
    ttft: null,
    metricNames: {},
  })
})

describe('detectDialect', () => {
  it.each([
    ['metrics', ['vllm:num_requests_running'], [], false, 'vllm'],
    ['metrics of llama.cpp', ['llamacpp:n_decode_total', 'process_x'], [], false, 'llama-cpp'],
    ['metrics before the owner', ['vllm:x'], ['llamacpp'], false, 'vllm'],
    ['the owner, without metrics', [], ['someone', 'vllm'], false, 'vllm'],
    ['properties alone', ['go_gc'], ['me'], true, 'llama-cpp'],
    ['nothing known', ['go_gc'], ['openai'], false, 'openai'],
  ] as const)('by %s', (_name, names, owners, hasSlotProps, dialect) => {
    expect(detectDialect({ metricNames: new Set(names), owners, hasSlotProps })).toBe(dialect)
  })
})
