/** @file The paper's pool for tests of the policies: its prior, and states of it with chosen loads. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type ClusterState, type ModelId, type ModelState, type Profile, parseProfile } from '../../src/core/index.ts'
import { aClusterState, type ModelStateOverrides } from '../../src/testing/index.ts'

const file = join(import.meta.dirname, '../../profiles/paper-b200.json')
const profile: Profile = parseProfile(JSON.parse(readFileSync(file, 'utf8')), 'profiles/paper-b200.json')

/** What policies may know. */
export const paperPrior = profile.prior
export const paperModels: readonly ModelId[] = Object.keys(profile.prior.models)
export const [r1, mistral, coder, llama8, llama3] = paperModels as [string, string, string, string, string]

/** Load of a model: running calls over its 16 slots; what is above 1 waits in the gateway, 8 s of work each. */
export function paperModelState(model: ModelId, load: number): ModelStateOverrides {
  const kvTokens = profile.models[model]?.kvTokens.value ?? null
  const running = Math.min(16, Math.round(16 * load))
  const gatewayWaiting = Math.max(0, Math.round(16 * (load - 1)))
  const replicas = [{ slots: 16, running, ownInFlight: running, kvTokens, contextTokens: 16_384 }]
  return { model, replicas, gatewayWaiting, gatewayWaitingMs: gatewayWaiting * 8_000 }
}

export interface PaperStateOptions {
  readonly atMs?: number
  /** One load for all models, or one for each that is named; others idle. */
  readonly load?: number | Readonly<Partial<Record<ModelId, number>>>
  /** Further fields by model. */
  readonly models?: Readonly<Partial<Record<ModelId, Partial<ModelState>>>>
}

export function paperState({ atMs = 0, load = 0, models = {} }: PaperStateOptions = {}): ClusterState {
  const loadOf = (model: ModelId) => (typeof load === 'number' ? load : (load[model] ?? 0))
  return aClusterState({
    atMs,
    models: paperModels.map((model) => ({ ...paperModelState(model, loadOf(model)), ...models[model] })),
  })
}
