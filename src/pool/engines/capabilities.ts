/** @file What an engine can do at most: the models it serves, its context, its slots. From `/v1/models` and, by dialect, `/props`. */
import type { JsonObject, JsonValue } from '../../core/index.ts'
import type { Dialect } from './dialects/dialect.ts'
import { isJsonObject, modelList, parseJson } from './wire.ts'

export interface Capabilities {
  readonly servedModels: readonly string[]
  readonly owners: readonly string[]
  readonly contextTokens: number | null
  readonly slots: number | null
}

export const noCapabilities: Capabilities = { servedModels: [], owners: [], contextTokens: null, slots: null }

export interface CapabilityPages {
  /** Texts of the pages; null: not served. */
  readonly models: string | null
  readonly props: string | null
  /** Whose context counts, where several models are listed; not listed: the first one's. */
  readonly servedModel: string | null
}

export function readCapabilities({ models, props, servedModel }: CapabilityPages, dialect: Dialect): Capabilities {
  const list = modelList.safeParse(parseJson(models ?? ''))
  const entries = list.success ? list.data.data : []
  const entry = entries.find(({ id }) => id === servedModel) ?? entries[0]
  const listed = dialect.contextFields.map((field) => tokensIn(entry?.[field])).find((tokens) => tokens !== null)
  const { slots, contextTokens } = readProps(props)
  return {
    servedModels: entries.map(({ id }) => id),
    owners: entries.flatMap(({ owned_by }) => (owned_by ? [owned_by] : [])),
    contextTokens: listed ?? contextTokens,
    slots,
  }
}

/** llama.cpp's `/props`: the context there is a slot's own. */
export function readProps(text: string | null): {
  readonly slots: number | null
  readonly contextTokens: number | null
} {
  const props = parseJson(text ?? '')
  if (!isJsonObject(props)) return { slots: null, contextTokens: null }
  const settings = props['default_generation_settings']
  return {
    slots: tokensIn(props['total_slots']),
    contextTokens: isJsonObject(settings) ? tokensIn(settings['n_ctx']) : null,
  }
}

/** llama.cpp's `/slots`: how many are busy; null: no such page. */
export function countBusySlots(text: string | null): number | null {
  const slots = parseJson(text ?? '')
  if (!Array.isArray(slots)) return null
  return (slots as readonly JsonValue[]).filter((slot) => (slot as JsonObject | null)?.['is_processing'] === true)
    .length
}

const tokensIn = (value: unknown): number | null => (typeof value === 'number' && value > 0 ? value : null)
