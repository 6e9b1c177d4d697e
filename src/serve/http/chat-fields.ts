/**
 * @file The fields of a chat request and what becomes of each: one table, so that none is dropped in silence.
 *
 * A field is read here and acted on (`handled`), kept to ourselves (`private`), refused, or goes to the last step alone,
 * as everything does that we do not know. `null` means absent, as in OpenAI's API.
 */
import { z } from 'zod'
import type { JsonObject, StrategyId } from '../../core/index.ts'
import { invalid, unsupported } from './error-answer.ts'

export interface ChatFields {
  readonly isStreamed: boolean
  readonly includesUsage: boolean
  /** max_completion_tokens, or the older max_tokens; null: none. */
  readonly maxOutputTokens: number | null
  readonly seed: number | null
  /** From reasoning_effort; null: no ceiling. */
  readonly deepestStrategy: StrategyId | null
  readonly soloReason: 'tools' | 'response-format' | null
  /** For the last step, in OpenAI's names. */
  readonly finalStepBody: JsonObject
}

const handledFields = [
  'model',
  'messages',
  'inframind',
  'stream',
  'stream_options',
  'max_tokens',
  'max_completion_tokens',
  'reasoning_effort',
  'seed',
  'n',
]
/** Who asks and what for: read by us at most, never forwarded. */
const privateFields = ['user', 'metadata', 'store', 'safety_identifier']
/** Constrain the form of the answer like response_format does, in the words of common engines. */
const formatFields = [
  'guided_json',
  'guided_regex',
  'guided_choice',
  'guided_grammar',
  'structured_outputs',
  'grammar',
  'json_schema',
]

const deepestByEffort: Readonly<Record<string, StrategyId>> = {
  none: 'Flash',
  minimal: 'Flash',
  low: 'Flash',
  medium: 'Concise',
  high: 'DeepThink',
  xhigh: 'DeepThink',
  max: 'DeepThink',
}

const numberBetween = (low: number, high: number) => {
  const error = `a number from ${low} to ${high}`
  return z.number({ error }).min(low, { error }).max(high, { error }).nullish()
}
const positiveInteger = z
  .int({ error: 'a whole number of 1 or more' })
  .min(1, { error: 'a whole number of 1 or more' })
  .nullish()
const boolean = z.boolean({ error: 'true or false' }).nullish()
const object = z.looseObject({}, { error: 'an object' })
const listOfObjects = z.array(object, { error: 'a list of objects' }).nullish()

const wireSchema = z.looseObject({
  stream: boolean,
  stream_options: z.looseObject({ include_usage: boolean }, { error: 'an object' }).nullish(),
  max_tokens: positiveInteger,
  max_completion_tokens: positiveInteger,
  n: positiveInteger,
  seed: z.int({ error: 'a whole number' }).nullish(),
  reasoning_effort: z
    .enum(Object.keys(deepestByEffort), { error: `one of ${Object.keys(deepestByEffort).join(', ')}` })
    .nullish(),
  temperature: numberBetween(0, 2),
  top_p: numberBetween(0, 1),
  presence_penalty: numberBetween(-2, 2),
  frequency_penalty: numberBetween(-2, 2),
  logprobs: boolean,
  top_logprobs: z
    .int({ error: 'a whole number from 0 to 20' })
    .min(0, { error: 'a whole number from 0 to 20' })
    .max(20, { error: 'a whole number from 0 to 20' })
    .nullish(),
  logit_bias: z.record(z.string(), z.number({ error: 'a number' }), { error: 'an object of numbers' }).nullish(),
  stop: z.union([z.string(), z.array(z.string())], { error: 'a string or a list of strings' }).nullish(),
  tools: listOfObjects,
  functions: listOfObjects,
  response_format: z
    .looseObject({ type: z.string({ error: 'a string such as json_schema' }) }, { error: 'an object with a type' })
    .nullish(),
  user: z.string({ error: 'a string' }).nullish(),
  metadata: object.nullish(),
  store: boolean,
})

type Wire = z.output<typeof wireSchema>

const isSet = (value: unknown) => value !== null && value !== undefined

function paramOf(path: readonly PropertyKey[]): string {
  return path
    .map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`))
    .join('')
    .slice(1)
}

function refuseUnserved(wire: Wire): void {
  if ((wire.n ?? 1) > 1) throw unsupported('n', 'more than one answer is not available: send n requests.')
  if (wire.store === true) throw unsupported('store', 'answers are not stored: leave it out or send false.')
  if (isSet(wire['audio'])) throw unsupported('audio', 'spoken answers are not available.')
  const modalities = wire['modalities']
  if (isSet(modalities) && !(Array.isArray(modalities) && modalities.every((kind) => kind === 'text'))) {
    throw unsupported('modalities', 'only ["text"] is available.')
  }
  if (isSet(wire['priority'])) throw unsupported('priority', 'the deadline decides: set inframind.budget_ms instead.')
  if (isSet(wire.max_tokens) && isSet(wire.max_completion_tokens)) {
    throw invalid('max_tokens', 'set max_completion_tokens or max_tokens, not both.')
  }
  if (isSet(wire.stream_options) && wire.stream !== true) {
    throw invalid('stream_options', 'allowed only with "stream": true.')
  }
}

function soloReasonOf(wire: Wire, hasToolMessages: boolean): ChatFields['soloReason'] {
  const hasTools = (wire.tools?.length ?? 0) > 0 || (wire.functions?.length ?? 0) > 0
  if (hasTools || hasToolMessages) return 'tools'
  const format = wire.response_format?.type
  const hasFormat = (format !== undefined && format !== 'text') || formatFields.some((field) => isSet(wire[field]))
  return hasFormat ? 'response-format' : null
}

/** Throws `REQUEST_INVALID` or `UNSUPPORTED_PARAMETER`, naming the field. `messages` and `inframind` are read elsewhere. */
export function parseChatFields(body: JsonObject, { hasToolMessages }: { hasToolMessages: boolean }): ChatFields {
  const parsed = wireSchema.safeParse(body)
  if (!parsed.success) {
    const issue = parsed.error.issues[0]!
    throw invalid(paramOf(issue.path), `expected ${issue.message}.`)
  }
  const wire = parsed.data
  refuseUnserved(wire)
  const effort = wire.reasoning_effort
  const forwarded = Object.entries(body).filter(
    ([key, value]) => isSet(value) && !handledFields.includes(key) && !privateFields.includes(key),
  )
  return {
    isStreamed: wire.stream === true,
    includesUsage: wire.stream_options?.include_usage === true,
    maxOutputTokens: wire.max_completion_tokens ?? wire.max_tokens ?? null,
    seed: wire.seed ?? null,
    deepestStrategy: isSet(effort) ? (deepestByEffort[effort as string] as StrategyId) : null,
    soloReason: soloReasonOf(wire, hasToolMessages),
    finalStepBody: Object.fromEntries(forwarded),
  }
}
