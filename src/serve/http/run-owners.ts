/**
 * @file Which key's request made which run: with keys in use, a run's record is shown to its owner alone.
 *
 * Keeps the last `limit` runs; older ones are found by nobody over HTTP, and by `inframind explain` still.
 */
import type { RunId } from '../../core/index.ts'
import type { ApiKey } from '../config/index.ts'

export class RunOwners {
  readonly #limit: number
  readonly #owners = new Map<RunId, string>()

  constructor(limit: number) {
    this.#limit = limit
  }

  note(runId: RunId, key: ApiKey | null): void {
    if (key === null) return
    this.#owners.set(runId, key.id)
    if (this.#owners.size <= this.#limit) return
    // A Map keeps the order of insertion: the first is the oldest.
    for (const oldest of this.#owners.keys()) {
      this.#owners.delete(oldest)
      return
    }
  }

  /** `key` null: no keys are in use, and everybody may read. */
  mayRead(runId: RunId, key: ApiKey | null): boolean {
    return key === null || this.#owners.get(runId) === key.id
  }
}
