/**
 * @file llama.cpp's `llama-server`. Metrics only with `--metrics`; KV usage only in older versions (later removed). It has
 * no histograms: decoding time over tokens predicted gives the inter-token latency, the rest is not said. The cache's size
 * is not said either: per-slot context times slots is wrong where the slots share one cache.
 *
 * Source: `tools/server/README.md`; answers recorded in test/fixtures/llama-cpp.
 */
import type { Dialect } from './dialect.ts'

export const llamaCpp: Dialect = {
  id: 'llama-cpp',
  healthPath: '/health',
  metricsPath: '/metrics',
  gauges: {
    running: { combine: 'sum', sources: [{ name: 'llamacpp:requests_processing' }] },
    waiting: { combine: 'sum', sources: [{ name: 'llamacpp:requests_deferred' }] },
    kvUsage: { combine: 'max', sources: [{ name: 'llamacpp:kv_cache_usage_ratio' }] },
  },
  times: {
    ttft: [],
    interToken: [{ sum: 'llamacpp:tokens_predicted_seconds_total', count: 'llamacpp:tokens_predicted_total' }],
    e2e: [],
    queueTime: [],
  },
  kvSize: [],
  propsPath: '/props',
  slotsPath: '/slots',
  contextFields: [],
  priority: 'none',
  signs: { metricPrefix: 'llamacpp:', ownedBy: 'llamacpp' },
}
