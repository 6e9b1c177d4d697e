/**
 * @file What of a config can change while the gateway serves, and what waits for the next start.
 *
 * Policies and virtual models change between two requests. Sockets, engines, keys and records belong to what is open, and
 * the discipline to the calls that wait: a change of those is told and not made.
 */
import type { Config } from '../../serve/index.ts'

/** Names of the parts that differ and that only a new start takes up, as in the config file. */
export function partsForRestart(old: Config, next: Config): readonly string[] {
  const parts: readonly (readonly [name: string, of: (config: Config) => unknown])[] = [
    ['listen', (config) => config.listen],
    ['engines', (config) => config.engines],
    ['profile', (config) => config.profile],
    ['policy.discipline', (config) => config.policy.discipline],
    ['keys', (config) => config.keys],
    ['limits', (config) => config.limits],
    ['records', (config) => config.records],
    ['gateways', (config) => config.gateways],
  ]
  return parts.filter(([, of]) => JSON.stringify(of(old)) !== JSON.stringify(of(next))).map(([name]) => name)
}

/** `old` with the parts of `next` that may change while it serves. */
export const reloadedConfig = (old: Config, { policy, virtualModels }: Config): Config => ({
  ...old,
  virtualModels,
  policy: { ...policy, discipline: old.policy.discipline },
})
