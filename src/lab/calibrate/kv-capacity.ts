/**
 * @file How many tokens fit into an engine's KV cache: its share of the GPU's memory, less weights and a reserve.
 *
 * tokens = (memoryBytes x utilisation - weightBytes - reserveBytes) / kvBytesPerToken. An engine prints the number at
 * its start and in its metrics; where that is at hand, take it instead.
 */
import { ConfigError } from '../../core/index.ts'

export interface KvMemory {
  /** The GPU's memory. */
  readonly memoryBytes: number
  /** Share that the engine may use (vLLM: gpu_memory_utilization). */
  readonly utilisationFraction: number
  readonly weightBytes: number
  /** Activations, graphs, fragmentation. */
  readonly reserveBytes: number
  /** 2 (keys, values) x layers x KV heads x head dimension x bytes per value. */
  readonly kvBytesPerToken: number
}

/** Whole tokens, >= 1. Throws ConfigError where the weights leave no room. */
export function kvCapacityTokens(memory: KvMemory): number {
  const { memoryBytes, utilisationFraction, weightBytes, reserveBytes, kvBytesPerToken } = memory
  const leftBytes = memoryBytes * utilisationFraction - weightBytes - reserveBytes
  const tokens = Math.floor(leftBytes / kvBytesPerToken)
  if (tokens >= 1) return tokens
  throw new ConfigError(
    [
      {
        path: 'kvTokens',
        expected: 'memory left for the KV cache',
        got: `${Math.round(leftBytes / 1e6)} MB`,
        fix: 'Give the engine a larger share, a GPU with more memory, or smaller weights.',
      },
    ],
    'the KV cache',
  )
}
