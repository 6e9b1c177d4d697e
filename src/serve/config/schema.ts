/**
 * @file The config file's shape: the one source of what a config may say.
 *
 * What is written here decides what loads, what an editor's JSON schema says, which nearest name a wrong key gets and
 * which example a message shows. By convention the error text of every field says only what is expected there; path,
 * what came and what to do are added by `problems.ts`. Keys are snake_case as in YAML; durations become ms, sizes bytes.
 */
import { z } from 'zod'
import { domains, strategyIds } from '../../core/index.ts'
import { type DialectId, dialectIds } from '../../pool/index.ts'
import { durationPattern, parseDurationMs, parseSizeBytes, sizePattern } from './units.ts'

const duration = (example: string) =>
  z
    .string({ error: `a duration with its unit such as "${example}"` })
    .regex(durationPattern, { error: `a duration with its unit such as "${example}"` })
    .transform((text) => parseDurationMs(text) as number)
    .refine((ms) => ms > 0, { error: 'a duration above 0' })

const size = (example: string) =>
  z
    .string({ error: `a size with its unit such as "${example}"` })
    .regex(sizePattern, { error: `a size with its unit such as "${example}"` })
    .transform((text) => parseSizeBytes(text) as number)
    .refine((bytes) => bytes >= 1, { error: 'a size of 1B or more' })

const text = (expected: string) => z.string({ error: expected }).min(1, { error: expected })
const count = (expected: string, range: { readonly min: number; readonly max?: number }) =>
  z
    .int({ error: expected })
    .min(range.min, { error: expected })
    .max(range.max ?? Number.MAX_SAFE_INTEGER, { error: expected })

const oneOf = <const T extends readonly [string, ...string[]]>(values: T) =>
  z.enum(values, { error: `one of ${values.join(', ')}` })

/** Accepts `flash` for `Flash`: YAML is written in lower case. */
const strategy = z.preprocess(
  (value) => strategyIds.find((id) => typeof value === 'string' && id.toLowerCase() === value.toLowerCase()) ?? value,
  oneOf(strategyIds as readonly ['Flash', 'Concise', 'DeepThink']),
)

const httpUrl = z
  .string({ error: 'an http or https URL such as http://gpu1:8001' })
  .refine((value) => /^https?:\/\/[^/?#]/.test(value) && URL.canParse(value), {
    error: 'an http or https URL such as http://gpu1:8001',
  })

const settings = z.record(z.string(), z.json(), { error: 'body fields such as { reasoning_effort: low }' })

const engine = z.strictObject(
  {
    url: httpUrl.meta({ description: 'Base URL, with or without /v1.', examples: ['http://gpu1:8001'] }),
    model: text('a model name')
      .optional()
      .meta({ description: 'Name for clients and records; asked from the engine where left out.' }),
    name: text('a name').optional().meta({ description: 'Name of this replica; model#1, model#2 by default.' }),
    tier: oneOf(['small', 'medium', 'large'])
      .optional()
      .meta({ description: 'Rough ability where the model is unknown.' }),
    slots: count('a whole number of 1 or more', { min: 1 })
      .optional()
      .meta({ description: 'Requests that it runs at once; probed or learnt where left out.' }),
    api_key: text('a key, a variable of the environment, or file:PATH')
      .optional()
      .meta({ description: 'Key sent to the engine.' }),
    dialect: oneOf(dialectIds as readonly [DialectId, ...DialectId[]])
      .optional()
      .meta({ description: 'Probed where left out.' }),
    context: count('tokens, a whole number of 1 or more', { min: 1 })
      .optional()
      .meta({ description: 'Longest prompt plus output in tokens; probed where left out.' }),
    kv_tokens: count('tokens, a whole number of 1 or more', { min: 1 })
      .optional()
      .meta({ description: 'KV-cache size in tokens; probed where left out.' }),
    extra_body: z
      .strictObject(
        { flash: settings.optional(), concise: settings.optional(), deepthink: settings.optional() },
        { error: 'settings per strategy: flash, concise, deepthink' },
      )
      .optional()
      .meta({ description: 'Body fields sent with a strategy.' }),
  },
  { error: 'an engine such as { url: http://gpu1:8001, model: qwen-32b }' },
)

const virtualModel = z.strictObject(
  {
    budget: z
      .union([z.literal('auto'), duration('30s')], { error: 'a duration with its unit such as "30s", or auto' })
      .optional()
      .meta({ description: 'Latency budget where the request names none; auto: predicted.' }),
    auto_factor: z
      .number({ error: 'a factor from 1 to 10' })
      .min(1, { error: 'a factor from 1 to 10' })
      .max(10, { error: 'a factor from 1 to 10' })
      .optional()
      .meta({ description: 'Budget of auto over the predicted 95 % quantile of the default team; 1.5.' }),
    domain: oneOf(domains as readonly ['math', 'code', 'knowledge', 'general']).optional(),
    topology: text('the name of a topology').optional(),
    max_agents: count('a whole number from 1 to 6', { min: 1, max: 6 }).optional(),
    strategy: strategy.optional(),
    max_calls: count('a whole number of 1 or more', { min: 1 }).optional(),
    max_total_tokens: count('a whole number of 1 or more', { min: 1 }).optional(),
    on_deadline: oneOf(['best-effort', 'fail']).optional(),
  },
  { error: 'settings such as { budget: 30s }' },
)

const policyFile = text('the name or the folder of a policy').meta({
  description: 'Learned policy: a shipped name, or a path.',
  examples: ['./policies/mine'],
})

const shadow = z.strictObject(
  {
    planner: oneOf(['rules', 'dual', 'learned']).default('rules'),
    executor: oneOf(['slack-greedy', 'mcpp', 'learned']).default('slack-greedy'),
    file: policyFile.optional(),
  },
  { error: 'settings such as { planner: learned, executor: learned, file: ./policies/mine }' },
)

const policy = z.strictObject(
  {
    planner: oneOf(['rules', 'dual', 'learned', 'fixed']).default('rules'),
    executor: oneOf(['slack-greedy', 'mcpp', 'learned', 'least-loaded', 'round-robin', 'fixed']).default(
      'slack-greedy',
    ),
    file: policyFile.optional(),
    strict: z
      .boolean({ error: 'true or false' })
      .default(false)
      .meta({ description: 'Refuse to start where the policy cannot be used, instead of serving training-free.' }),
    shadow: shadow.optional().meta({ description: 'Another policy that looks on: its choices are only recorded.' }),
    discipline: oneOf(['edf-demote', 'edf', 'fcfs']).default('edf-demote'),
    safety: z
      .number({ error: 'a factor from 1 to 3.3' })
      .min(1, { error: 'a factor from 1 to 3.3' })
      .max(3.3, { error: 'a factor from 1 to 3.3' })
      .optional()
      .meta({ description: 'Factor on predicted latencies to start from; calibrated while serving.' }),
    fixed: z
      .strictObject(
        {
          topology: text('the name of a topology').optional(),
          agents: count('a whole number from 1 to 6', { min: 1, max: 6 }).optional(),
          model: text('the model of an engine').optional(),
          strategy: strategy.optional(),
        },
        { error: 'settings such as { topology: io, agents: 1 }' },
      )
      .optional()
      .meta({ description: 'What the fixed planner and the fixed executor choose.' }),
  },
  { error: 'settings such as { planner: rules }' },
)

const limits = z.strictObject(
  {
    waiting: count('a whole number of 1 or more', { min: 1 })
      .default(10_000)
      .meta({ description: 'Requests under way at once; more are refused with 429.' }),
    body: size('4MB')
      .default(4 * 1024 ** 2)
      .meta({ description: 'Longest request body.' }),
    connections: count('a whole number of 1 or more', { min: 1 }).optional(),
  },
  { error: 'limits such as { waiting: 10000, body: 4MB }' },
)

const records = z.strictObject(
  {
    dir: text('a folder').default('./runs'),
    content: z.literal('metadata', { error: 'metadata: full is not available yet' }).default('metadata'),
    keep: duration('7d').default(7 * 86_400_000),
  },
  { error: 'settings such as { dir: ./runs, content: metadata, keep: 7d }' },
)

export const configSchema = z.strictObject(
  {
    version: z.literal(1, { error: '1' }).meta({ description: 'Version of this format.' }),
    listen: text('an address such as 127.0.0.1:8080').default('127.0.0.1:8080'),
    engines: z.array(engine, { error: 'a list of engines' }).min(1, { error: 'at least one engine' }),
    models: z.record(z.string(), virtualModel, { error: 'virtual models by name' }).default({}),
    policy: policy.prefault({}),
    profile: text('the name or the path of a profile')
      .optional()
      .meta({ description: 'What is known of the models beforehand, as --profile.', examples: ['./mine.json'] }),
    mode: z
      .literal('orchestrate', { error: 'orchestrate: the other modes are not available yet' })
      .default('orchestrate'),
    keys: z
      .strictObject({ file: text('a path to a keys file') }, { error: 'a keys file such as { file: keys.yaml }' })
      .optional(),
    limits: limits.prefault({}),
    records: records.prefault({}),
    gateways: count('a whole number of 1 or more', { min: 1 })
      .default(1)
      .meta({ description: 'Gateways that share these engines; each uses its part of slots and KV.' }),
  },
  { error: 'settings by name' },
)

/** One entry of a keys file. */
const apiKeySchema = z.strictObject(
  {
    id: text('a name for logs and metrics'),
    sha256: z
      .string({ error: 'the SHA-256 of the key, 64 hexadecimal digits' })
      .regex(/^[0-9a-fA-F]{64}$/, { error: 'the SHA-256 of the key, 64 hexadecimal digits' })
      .transform((digest) => digest.toLowerCase()),
    rate_per_min: z.number({ error: 'a number above 0' }).positive({ error: 'a number above 0' }).optional(),
    concurrency: count('a whole number of 1 or more', { min: 1 }).optional(),
    max_budget: duration('60s').optional(),
    models: z.array(text('a model name'), { error: 'a list of model names' }).optional(),
    max_calls: count('a whole number of 1 or more', { min: 1 }).optional(),
    max_total_tokens: count('a whole number of 1 or more', { min: 1 }).optional(),
  },
  { error: 'a key such as { id: team-a, sha256: ... }' },
)

export const keysSchema = z.array(apiKeySchema, { error: 'a list of keys' }).min(1, { error: 'at least one key' })

export type RawConfig = z.output<typeof configSchema>
export type RawApiKey = z.output<typeof apiKeySchema>

/** The JSON schema of the config file (draft 2020-12), for editors and for the messages' nearest names. */
export function configJsonSchema(): Record<string, unknown> {
  return z.toJSONSchema(configSchema, { io: 'input' }) as Record<string, unknown>
}
