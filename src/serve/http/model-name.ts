/**
 * @file What a request's `model` asks for: the gateway itself (perhaps with a budget, `inframind@10s`) or one engine's.
 */
import { InframindError, type ModelId, suggestName } from '../../core/index.ts'
import { parseDurationMs, type VirtualModel } from '../config/index.ts'
import { invalid } from './error-answer.ts'
import type { EngineModel } from './ports.ts'

export type ModelTarget =
  | {
      readonly kind: 'orchestrated'
      /** The virtual model's name, without a budget. */
      readonly name: string
      readonly virtual: VirtualModel
      /** From `@10s`; null: none. */
      readonly suffixBudgetMs: number | null
    }
  | { readonly kind: 'relayed'; readonly name: ModelId }

export interface ModelCatalogue {
  readonly virtualModels: ReadonlyMap<string, VirtualModel>
  readonly engineModels: readonly EngineModel[]
}

/** Throws `REQUEST_INVALID` (no name, a suffix that is no duration) or `MODEL_UNKNOWN` (with the nearest name). */
export function resolveModel(model: unknown, { virtualModels, engineModels }: ModelCatalogue): ModelTarget {
  if (typeof model !== 'string' || model === '') throw invalid('model', 'expected the name of a model.')
  const virtual = virtualModels.get(model)
  if (virtual) return { kind: 'orchestrated', name: model, virtual, suffixBudgetMs: null }
  if (engineModels.some((engine) => engine.model === model)) return { kind: 'relayed', name: model }
  const at = model.lastIndexOf('@')
  const name = model.slice(0, Math.max(at, 0))
  const base = virtualModels.get(name)
  if (base) {
    const suffix = model.slice(at + 1)
    const suffixBudgetMs = parseDurationMs(suffix)
    if (suffixBudgetMs === null) {
      throw invalid(
        'model',
        `expected a duration after @ such as ${name}@10s, got ${JSON.stringify(suffix.slice(0, 40))}.`,
      )
    }
    return { kind: 'orchestrated', name, virtual: base, suffixBudgetMs }
  }
  const known = [...virtualModels.keys(), ...engineModels.map((engine) => engine.model)]
  const shown = JSON.stringify(model.slice(0, 80))
  throw new InframindError('MODEL_UNKNOWN', `No model ${shown}. ${suggestName(model, known)}`, { param: 'model' })
}
