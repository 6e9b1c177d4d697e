/**
 * @file Texts of steps that run at the same time, told one after the other.
 *
 * Sent as they come, the words of parallel agents would mix. So one step speaks live, headed by its role; what the
 * others say meanwhile is held (output caps bound it) and follows when the speaker has finished, in the order in which
 * they began.
 */
import type { RoleId, StepId } from '../../core/index.ts'

export class StepVoices {
  readonly #say: (text: string) => Promise<void>
  readonly #roles = new Map<StepId, RoleId>()
  readonly #held = new Map<StepId, string>()
  readonly #finished = new Set<StepId>()
  #speaker: StepId | null = null

  constructor(say: (text: string) => Promise<void>) {
    this.#say = say
  }

  /** `stepId` will speak as `role`. */
  introduce(stepId: StepId, role: RoleId): void {
    this.#roles.set(stepId, role)
  }

  /** Resolves when there is room for more. What is held resolves at once. */
  speak(stepId: StepId, text: string): Promise<void> {
    if (this.#speaker === stepId) return this.#say(text)
    if (this.#speaker !== null) {
      this.#held.set(stepId, (this.#held.get(stepId) ?? '') + text)
      return Promise.resolve()
    }
    return this.#takeTurn(stepId, text)
  }

  /** `stepId` has said all: the next one's turn. */
  async finish(stepId: StepId): Promise<void> {
    this.#finished.add(stepId)
    if (this.#speaker !== stepId) return
    this.#speaker = null
    for (const [next, text] of this.#held) {
      this.#held.delete(next)
      await this.#takeTurn(next, text)
      if (!this.#finished.has(next)) return
      this.#speaker = null
    }
  }

  #takeTurn(stepId: StepId, text: string): Promise<void> {
    this.#speaker = stepId
    const role = this.#roles.get(stepId)
    return this.#say(`\n\n${role === undefined ? '' : `${role}: `}${text}`)
  }
}
