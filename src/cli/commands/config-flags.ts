/** @file The flags that say which pool a command means: `--engine URL ...` or `--config FILE`. */
import type { Command } from 'commander'
import { ConfigError } from '../../core/index.ts'
import { type Config, configFromEngines, loadConfig } from '../../serve/index.ts'
import { createTopologyBook } from '../../team/index.ts'
import { collectFlag } from '../terminal/index.ts'

export interface PoolOptions {
  readonly engine?: readonly string[]
  readonly config?: string
  readonly insecure?: boolean
  /** Only `serve` listens. */
  readonly listen?: string
}

export const addPoolFlags = (command: Command): Command =>
  command
    .option('--engine <url>', 'an OpenAI-compatible engine; repeat for several', collectFlag)
    .option('--config <file>', 'a config file, see `inframind init`')
    .option('--insecure', 'allow a non-loopback address without keys')

/** Throws ConfigError: with neither flag, with both, or with whatever is wrong in the file. */
export function readPoolFlags({ engine, config, insecure, listen }: PoolOptions): Config {
  if (config !== undefined && engine !== undefined) {
    throw usageError('one of --engine and --config', 'both', 'Name the engines in the config file.')
  }
  const options = { isInsecure: insecure ?? false, ...(listen === undefined ? {} : { listen }) }
  if (config !== undefined) {
    return loadConfig({ path: config }, { env: process.env, topologies: createTopologyBook().ids, ...options })
  }
  if (engine !== undefined && engine.length > 0) return configFromEngines(engine, options)
  const fix = 'Try `serve --engine http://127.0.0.1:8000`, or `demo` for a simulated pool.'
  throw usageError('--engine URL or --config FILE', 'neither', fix)
}

/** Commands that know models beforehand. */
export interface ProfileOption {
  readonly profile?: string
}

const defaultProfile = 'paper-b200'

export const addProfileFlag = (command: Command): Command =>
  command.option(
    '--profile <name|path>',
    `what is known of the models beforehand (default: what the config says, else ${defaultProfile})`,
  )

/** The flag goes before the config. */
export const profileName = ({ profile }: ProfileOption, config: Config): string =>
  profile ?? config.profile ?? defaultProfile

const usageError = (expected: string, got: string, fix: string) =>
  new ConfigError([{ path: 'flags', expected, got, fix }], 'the command line')
