/**
 * @file The `inframind` object of a request: everything that OpenAI's API has no word for. Strict: an unknown or
 * wrong key is refused with its path and the nearest valid name.
 */
import { z } from 'zod'
import {
  type Domain,
  domains,
  type InframindError,
  type JsonValue,
  type QueryLimits,
  type StrategyId,
  strategyIds,
  suggestName,
} from '../../core/index.ts'
import { longestBudgetMs } from './budget.ts'
import { invalid, unsupported } from './error-answer.ts'

/** What of the steps a streamed answer shows: nothing, their text as reasoning, or events. */
export type StepMode = 'off' | 'reasoning' | 'events'

export interface Extension {
  readonly budgetMs: number | 'auto' | null
  readonly domain: Domain | null
  readonly limits: QueryLimits
  readonly steps: StepMode
}

const positiveInteger = z.int({ error: 'a whole number of 1 or more' }).min(1, { error: 'a whole number of 1 or more' })
const budgetText = `milliseconds above 0 and at most ${longestBudgetMs} (24 h), or "auto"`
const oneOf = <T extends string>(values: readonly T[]) =>
  z.enum(values as readonly [T, ...T[]], { error: `one of ${values.join(', ')}` })

const extensionSchema = z.strictObject(
  {
    budget_ms: z
      .union(
        [
          z.literal('auto'),
          z.number({ error: budgetText }).gt(0, { error: budgetText }).max(longestBudgetMs, { error: budgetText }),
        ],
        { error: budgetText },
      )
      .nullish(),
    domain: oneOf<Domain>(domains).nullish(),
    topology: z.string({ error: 'the name of a topology' }).nullish(),
    max_agents: z
      .int({ error: 'a whole number from 1 to 6' })
      .min(1, { error: 'a whole number from 1 to 6' })
      .max(6, { error: 'a whole number from 1 to 6' })
      .nullish(),
    strategy: oneOf<StrategyId>(strategyIds).nullish(),
    max_calls: positiveInteger.nullish(),
    max_total_tokens: positiveInteger.nullish(),
    on_deadline: oneOf(['best-effort', 'fail']).nullish(),
    steps: oneOf<StepMode>(['off', 'reasoning', 'events']).nullish(),
  },
  { error: 'an object' },
)

/** Understood, and not served yet. */
const comingKeys = ['tests']

function refuseIssue(issue: z.core.$ZodIssue): InframindError {
  const param = ['inframind', ...issue.path].join('.')
  if (issue.code !== 'unrecognized_keys') return invalid(param, `expected ${issue.message}.`)
  const key = issue.keys[0] as string
  const known = Object.keys(extensionSchema.shape)
  return invalid(`${param}.${key.slice(0, 80)}`, `unknown name. ${suggestName(key, known)}`)
}

const given = <K extends string, V>(key: K, value: V | null | undefined) =>
  (value === null || value === undefined ? {} : { [key]: value }) as Partial<Record<K, V>>

/** Throws `REQUEST_INVALID` or `UNSUPPORTED_PARAMETER`, naming the field. Absent or null: nothing asked for. */
export function parseExtension(value: JsonValue | undefined, topologies: readonly string[]): Extension {
  const object = (value ?? {}) as Record<string, unknown>
  for (const key of comingKeys) {
    if (Object.hasOwn(object, key)) throw unsupported(`inframind.${key}`, 'not available yet.')
  }
  const parsed = extensionSchema.safeParse(object)
  if (!parsed.success) throw refuseIssue(parsed.error.issues[0]!)
  const { topology } = parsed.data
  if (typeof topology === 'string' && !topologies.includes(topology)) {
    throw invalid('inframind.topology', `no such topology. ${suggestName(topology, topologies)}`)
  }
  return {
    budgetMs: parsed.data.budget_ms ?? null,
    domain: parsed.data.domain ?? null,
    limits: {
      ...given('topology', topology),
      ...given('maxAgents', parsed.data.max_agents),
      ...given('strategy', parsed.data.strategy),
      ...given('maxCalls', parsed.data.max_calls),
      ...given('maxTotalTokens', parsed.data.max_total_tokens),
      ...given('onDeadline', parsed.data.on_deadline),
    },
    steps: parsed.data.steps ?? 'off',
  }
}
