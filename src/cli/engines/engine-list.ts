/** @file The engines of a config, probed and opened. What the config leaves open is asked from the engine. */
import { type Clock, ConfigError, type ModelId, type ReplicaId } from '../../core/index.ts'
import type { ModelTier } from '../../policy/index.ts'
import { createHttpEngine, type DialectId, type HttpEngine, type ProbeReport, probeEngine } from '../../pool/index.ts'
import type { EngineConfig } from '../../serve/index.ts'

/** One engine as the gateway will use it. */
export interface ListedEngine {
  readonly config: EngineConfig
  readonly probe: ProbeReport
  /** Null: neither configured nor reported, so the engine cannot be used yet. */
  readonly model: ModelId | null
  readonly replica: ReplicaId | null
  readonly dialect: DialectId
}

const probeTimeoutMs = 5000

/** Probes all engines at once. Never rejects: an unreachable engine is listed with its probe's reason. */
export async function listEngines(configs: readonly EngineConfig[], clock: Clock): Promise<readonly ListedEngine[]> {
  const probes = await Promise.all(
    configs.map((config) =>
      probeEngine({
        url: config.url,
        ...(config.apiKey === null ? {} : { apiKey: config.apiKey }),
        timeoutMs: probeTimeoutMs,
        clock,
        probePriority: true,
      }),
    ),
  )
  const counts = new Map<ModelId, number>()
  return configs.map((config, index) => {
    const probe = probes[index] as ProbeReport
    const model = config.model ?? probe.servedModels[0] ?? null
    if (model === null) return { config, probe, model, replica: null, dialect: config.dialect ?? 'openai' }
    const number = (counts.get(model) ?? 0) + 1
    counts.set(model, number)
    const dialect = config.dialect ?? probe.dialect ?? 'openai'
    return { config, probe, model, replica: config.name ?? `${model}#${number}`, dialect }
  })
}

/** Opens a client for every engine whose model is known. Throws ConfigError where none is left. */
export function openEngines(listed: readonly ListedEngine[], clock: Clock): readonly HttpEngine[] {
  const engines = listed.flatMap((engine) => (engine.model === null ? [] : [openEngine(engine, clock)]))
  if (engines.length > 0) return engines
  throw new ConfigError(
    listed.map(({ config, probe }, index) => ({
      path: `engines[${index}].url`,
      expected: 'a reachable engine, or its model name so that it can be waited for',
      got: `${config.url}: ${probe.reason ?? 'it lists no model'}`,
      fix: 'Start the engine, correct the URL, or name its model in the config.',
    })),
    'engines',
  )
}

function openEngine({ config, probe, model, replica, dialect }: ListedEngine, clock: Clock): HttpEngine {
  const servedModel = probe.servedModels.includes(model as string) ? model : (probe.servedModels[0] ?? model)
  return createHttpEngine({
    id: replica as string,
    model: model as string,
    servedModel: servedModel as string,
    url: config.url,
    ...(config.apiKey === null ? {} : { apiKey: config.apiKey }),
    dialect,
    clock,
    extraBody: config.extraBody,
    acceptsPriority: probe.acceptsPriority === true,
    slots: config.slots,
  })
}

/** Tiers that the config states, by model. */
export const statedTiers = (listed: readonly ListedEngine[]): Readonly<Partial<Record<ModelId, ModelTier>>> =>
  Object.fromEntries(
    listed.flatMap(({ model, config }) => (model !== null && config.tier !== null ? [[model, config.tier]] : [])),
  )
