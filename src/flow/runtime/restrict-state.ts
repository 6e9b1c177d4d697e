/** @file The pool as one caller may use it: a key's ceiling on models is kept by never showing the others. */
import type { ClusterState, ModelId } from '../../core/index.ts'

/** `state` with only the models in `allowed`; all of them when undefined. Load stays that of the whole pool. */
export function restrictState(state: ClusterState, allowed: ReadonlySet<ModelId> | undefined): ClusterState {
  if (allowed === undefined) return state
  return {
    atMs: state.atMs,
    load: state.load,
    models: state.models.filter(({ model }) => allowed.has(model)),
    model: (id) => (allowed.has(id) ? state.model(id) : undefined),
  }
}
