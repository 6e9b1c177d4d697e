/** @file Which models think at length before they answer, whatever they are told: by their name. */
import type { ModelId } from '../../core/index.ts'

/** Whether the name is of a model that always thinks first: R1, QwQ, o1 to o4, `...-reasoning`, `...-thinking`, Magistral. */
export const isReasoningModelName = (model: ModelId): boolean =>
  /(?:^|[-_/.\s])(?:r1|qwq|o[134]|reason\w*|think\w*|magistral)(?:[-_./:\s]|$)/i.test(model)
