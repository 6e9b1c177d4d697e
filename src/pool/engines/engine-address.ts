/** @file Where an engine is: its origin, and the path under which its API hangs. Both `http://host:1` and `http://host:1/v1` are taken. */
import { ConfigError } from '../../core/index.ts'

export interface EngineAddress {
  readonly origin: string
  /** Before `/v1/...` and `/metrics`: empty, or `/some/path`. */
  readonly prefix: string
}

/** Throws ConfigError when `url` is no http(s) URL. */
export function parseEngineUrl(url: string): EngineAddress {
  const parsed = URL.canParse(url) ? new URL(url) : null
  if (parsed === null || !/^https?:$/.test(parsed.protocol)) {
    const problem = { path: 'url', expected: 'an http or https URL', got: url, fix: 'For example http://gpu1:8000.' }
    throw new ConfigError([problem], 'engine')
  }
  return { origin: parsed.origin, prefix: parsed.pathname.replace(/\/+$/, '').replace(/\/v1$/, '') }
}
