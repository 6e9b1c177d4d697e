/** @file The policies that a config names, as the world builder takes them. */
import type { PolicyChoice } from '../../lab/index.ts'
import type { PolicyConfig } from '../../serve/index.ts'

export function policyOf(config: PolicyConfig): PolicyChoice {
  const { fixed } = config
  return {
    planner:
      config.planner === 'fixed'
        ? { kind: 'fixed', topology: fixed.topology ?? 'io', agents: fixed.agents ?? 1 }
        : config.planner,
    executor:
      config.executor === 'fixed'
        ? // A config with a fixed executor and no model does not load.
          { kind: 'fixed', model: fixed.model as string, strategy: fixed.strategy ?? 'Concise' }
        : config.executor,
    discipline: config.discipline,
    ...(config.safety === null ? {} : { safety: config.safety }),
  }
}
