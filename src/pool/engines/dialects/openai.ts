/**
 * @file Any other server with OpenAI's chat API: no metrics, so the gateway's own count of calls in flight is all there is.
 * Health is whether it lists its models; some of them say the longest context there, each in its own word.
 */
import type { Dialect } from './dialect.ts'

export const openai: Dialect = {
  id: 'openai',
  healthPath: '/v1/models',
  metricsPath: null,
  gauges: {
    running: { combine: 'sum', sources: [] },
    waiting: { combine: 'sum', sources: [] },
    kvUsage: { combine: 'max', sources: [] },
  },
  times: { ttft: [], interToken: [], e2e: [], queueTime: [] },
  kvSize: [],
  propsPath: null,
  slotsPath: null,
  contextFields: ['max_model_len', 'context_length', 'context_window', 'max_context_length'],
  priority: 'none',
  signs: { metricPrefix: null, ownedBy: null },
}
