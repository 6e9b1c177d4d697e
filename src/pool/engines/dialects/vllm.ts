/**
 * @file vLLM, from 0.6 to the 0.3x line. Deprecated names are hidden one release later and removed the next, so all of
 * them are listed. Running and waiting are summed over data-parallel engines, KV usage is the fullest one's. Requests
 * that wait for another reason than capacity (chunked prefill, LoRA loading, KV transfer) are not congestion.
 *
 * Source: vLLM documentation, "Production metrics" and `vllm/v1/metrics`; priority: "Scheduling policy".
 */
import { type Dialect, histogram } from './dialect.ts'

export const vllm: Dialect = {
  id: 'vllm',
  healthPath: '/health',
  metricsPath: '/metrics',
  gauges: {
    running: { combine: 'sum', sources: [{ name: 'vllm:num_requests_running' }] },
    waiting: {
      combine: 'sum',
      sources: [
        { name: 'vllm:num_requests_waiting_by_reason', where: { reason: 'capacity' } },
        { name: 'vllm:num_requests_waiting' },
      ],
    },
    kvUsage: { combine: 'max', sources: [{ name: 'vllm:kv_cache_usage_perc' }, { name: 'vllm:gpu_cache_usage_perc' }] },
  },
  times: {
    ttft: [histogram('vllm:time_to_first_token_seconds')],
    interToken: [
      histogram('vllm:inter_token_latency_seconds'),
      histogram('vllm:time_per_output_token_seconds'),
      histogram('vllm:request_time_per_output_token_seconds'),
    ],
    e2e: [histogram('vllm:e2e_request_latency_seconds')],
    queueTime: [histogram('vllm:request_queue_time_seconds')],
  },
  kvSize: [{ name: 'vllm:cache_config_info', blocksLabel: 'num_gpu_blocks', blockTokensLabel: 'block_size' }],
  propsPath: null,
  slotsPath: null,
  contextFields: ['max_model_len'],
  priority: 'lower-first',
  signs: { metricPrefix: 'vllm:', ownedBy: 'vllm' },
}
