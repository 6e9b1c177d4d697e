/**
 * @file A loaded config as the rest of the program reads it: camelCase, units in the names, secrets resolved.
 *
 * Plain frozen data. What may stand in the file, with its defaults, is said in `schema.ts` alone.
 */
import type { Domain, ExtraBody, QueryLimits } from '../../core/index.ts'
import type { DialectId } from '../../pool/index.ts'
import type { RawApiKey, RawConfig } from './schema.ts'

export interface ListenAddress {
  /** Without brackets, also for IPv6. */
  readonly host: string
  /** 0: any free port. */
  readonly port: number
}

export interface EngineConfig {
  readonly url: string
  /** Null: to be asked from the engine. */
  readonly model: string | null
  readonly name: string | null
  readonly tier: 'small' | 'medium' | 'large' | null
  /** Null, here and below: to be probed or learnt. */
  readonly slots: number | null
  readonly dialect: DialectId | null
  readonly contextTokens: number | null
  readonly kvTokens: number | null
  /** Secret: never log it. */
  readonly apiKey: string | null
  /** By strategy: Flash, Concise, DeepThink. */
  readonly extraBody: ExtraBody
}

/** A model name of ours: what a request that names it gets where it says nothing else. */
export interface VirtualModel {
  /** `auto`: predicted for each request. */
  readonly budgetMs: number | 'auto' | null
  /** Budget of `auto` over the predicted 95 % quantile. Default 1.5. */
  readonly autoFactor?: number
  readonly domain: Domain | null
  readonly limits: QueryLimits
}

export interface PolicyConfig {
  readonly planner: RawConfig['policy']['planner']
  readonly executor: RawConfig['policy']['executor']
  readonly discipline: RawConfig['policy']['discipline']
  /** Starting factor on predicted latencies; null: the executor's own. */
  readonly safety: number | null
  readonly fixed: NonNullable<RawConfig['policy']['fixed']>
  /** Shipped name, or path, of the learned policy; null: none. */
  readonly file: string | null
  /** Whether a policy that cannot be used ends the start; false: the training-free one serves. */
  readonly isStrict: boolean
  /** Looks on; null: nobody. */
  readonly shadow: ShadowConfig | null
}

export interface ShadowConfig {
  readonly planner: NonNullable<RawConfig['policy']['shadow']>['planner']
  readonly executor: NonNullable<RawConfig['policy']['shadow']>['executor']
  readonly file: string | null
}

/** A client's key and what it may do. Null: no ceiling. */
export interface ApiKey {
  readonly id: string
  /** Of the key's UTF-8 text, 64 lower-case hexadecimal digits. */
  readonly sha256: string
  readonly ratePerMinute: number | null
  /** Requests under way at once. */
  readonly concurrency: number | null
  /** Longer budgets are cut to this. */
  readonly maxBudgetMs: number | null
  /** Names that it may ask for. Engine models among them also bound the teams that work for it. */
  readonly models: readonly string[] | null
  readonly maxCalls: number | null
  readonly maxTotalTokens: number | null
}

export interface Config {
  readonly listen: ListenAddress
  readonly engines: readonly EngineConfig[]
  /** Always holds `inframind`. */
  readonly virtualModels: ReadonlyMap<string, VirtualModel>
  readonly policy: PolicyConfig
  /** What is known of the models beforehand: a name or a path; null: not said. */
  readonly profile: string | null
  readonly mode: 'orchestrate'
  /** Null: everybody may ask. */
  readonly keys: readonly ApiKey[] | null
  readonly limits: {
    readonly waiting: number
    readonly bodyBytes: number
    /** Null: as many as the system gives. */
    readonly connections: number | null
  }
  readonly records: { readonly dir: string; readonly content: 'metadata'; readonly keepMs: number }
  readonly gateways: number
}

/** The name under which the gateway itself answers. */
export const gatewayModel = 'inframind'

/** `host:port`, `[::1]:port` or `:port` (every address); null where the text is none of these. */
export function parseListen(text: string): ListenAddress | null {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([^:\s[\]/]*)):(\d{1,5})$/.exec(text)
  const port = Number(match?.[3] ?? Number.NaN)
  if (match === null || port > 65_535) return null
  return { host: match[1] ?? (match[2] || '0.0.0.0'), port }
}

export const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host)

const toEngine = (raw: RawConfig['engines'][number]): EngineConfig => ({
  url: raw.url.replace(/\/+$/, ''),
  model: raw.model ?? null,
  name: raw.name ?? null,
  tier: raw.tier ?? null,
  slots: raw.slots ?? null,
  dialect: raw.dialect ?? null,
  contextTokens: raw.context ?? null,
  kvTokens: raw.kv_tokens ?? null,
  apiKey: raw.api_key ?? null,
  extraBody: {
    ...(raw.extra_body?.flash && { Flash: raw.extra_body.flash }),
    ...(raw.extra_body?.concise && { Concise: raw.extra_body.concise }),
    ...(raw.extra_body?.deepthink && { DeepThink: raw.extra_body.deepthink }),
  },
})

const toVirtualModel = (raw: RawConfig['models'][string]): VirtualModel => ({
  budgetMs: raw.budget ?? null,
  ...(raw.auto_factor !== undefined && { autoFactor: raw.auto_factor }),
  domain: raw.domain ?? null,
  limits: {
    ...(raw.topology !== undefined && { topology: raw.topology }),
    ...(raw.max_agents !== undefined && { maxAgents: raw.max_agents }),
    ...(raw.strategy !== undefined && { strategy: raw.strategy }),
    ...(raw.max_calls !== undefined && { maxCalls: raw.max_calls }),
    ...(raw.max_total_tokens !== undefined && { maxTotalTokens: raw.max_total_tokens }),
    ...(raw.on_deadline !== undefined && { onDeadline: raw.on_deadline }),
  },
})

export const toApiKey = (raw: RawApiKey): ApiKey => ({
  id: raw.id,
  sha256: raw.sha256,
  ratePerMinute: raw.rate_per_min ?? null,
  concurrency: raw.concurrency ?? null,
  maxBudgetMs: raw.max_budget ?? null,
  models: raw.models ?? null,
  maxCalls: raw.max_calls ?? null,
  maxTotalTokens: raw.max_total_tokens ?? null,
})

const toPolicy = ({ safety, fixed, file, strict, shadow, ...names }: RawConfig['policy']): PolicyConfig => ({
  ...names,
  safety: safety ?? null,
  fixed: fixed ?? {},
  file: file ?? null,
  isStrict: strict,
  shadow: shadow ? { ...shadow, file: shadow.file ?? null } : null,
})

/** `raw` in the program's words. `listen` has been checked before. */
export function toConfig(raw: RawConfig, { keys }: { readonly keys: readonly ApiKey[] | null }): Config {
  const virtualModels = new Map<string, VirtualModel>([[gatewayModel, toVirtualModel({})]])
  for (const [name, model] of Object.entries(raw.models)) virtualModels.set(name, toVirtualModel(model))
  return {
    listen: parseListen(raw.listen) as ListenAddress,
    engines: raw.engines.map(toEngine),
    virtualModels,
    policy: toPolicy(raw.policy),
    profile: raw.profile ?? null,
    mode: raw.mode,
    keys,
    limits: {
      waiting: raw.limits.waiting,
      bodyBytes: raw.limits.body,
      connections: raw.limits.connections ?? null,
    },
    records: { dir: raw.records.dir, content: raw.records.content, keepMs: raw.records.keep },
    gateways: raw.gateways,
  }
}
