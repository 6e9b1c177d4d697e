/** @file The config file: its schema, loading with every problem at once, keys, an example. */
export {
  type ApiKey,
  type Config,
  type EngineConfig,
  gatewayModel,
  type ListenAddress,
  type PolicyConfig,
  type VirtualModel,
} from './config.ts'
export { exampleConfig } from './example-config.ts'
export { type ConfigSource, configFromEngines, hashKey, type LoadOptions, loadConfig } from './load-config.ts'
export { configJsonSchema } from './schema.ts'
export { parseDurationMs, parseSizeBytes } from './units.ts'
