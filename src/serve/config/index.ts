/** @file The config file: its schema, loading with every problem at once, keys, an example. */
export type {
  ApiKey,
  Config,
  EngineConfig,
  ListenAddress,
  PolicyConfig,
  ShadowConfig,
  VirtualModel,
} from './config.ts'
export { exampleConfig } from './example-config.ts'
export { type ConfigSource, configFromEngines, hashKey, type LoadOptions, loadConfig } from './load-config.ts'
export { configJsonSchema } from './schema.ts'
export { parseDurationMs } from './units.ts'
