/** @file A pool that is not what its profile says: slower, with less cache, shorter answers and other abilities. */
import { clamp, logistic, logit, type Profile } from '../../src/core/index.ts'
import { requireTruth } from '../../src/lab/index.ts'

/** `base` with decoding 1.4 times as slow, 1 ms more host overhead, half the KV cache, lengths x 0.8, shifted abilities. */
export function hide(base: Profile): Profile {
  const truth = requireTruth(base)
  const shifts = [0.5, -0.6, 0.3, -0.3, 0.7]
  const models = Object.keys(base.models)
  return {
    ...base,
    id: 'hidden',
    models: Object.fromEntries(
      Object.entries(base.models).map(([model, machine]) => [
        model,
        {
          ...machine,
          kvTokens: { ...machine.kvTokens, value: Math.round(machine.kvTokens.value / 2) },
          host: { ...machine.host, value: machine.host.value + 1 },
          step: { ...machine.step, value: { ...machine.step.value, decodeC0: 1.4 * machine.step.value.decodeC0 } },
        },
      ]),
    ),
    truth: {
      ...truth,
      lengthMultiplier: {
        ...truth.lengthMultiplier,
        value: Object.fromEntries(
          Object.entries(truth.lengthMultiplier.value).map(([model, factor]) => [model, 0.8 * factor]),
        ),
      },
      cotAccuracy: {
        ...truth.cotAccuracy,
        value: Object.fromEntries(
          Object.entries(truth.cotAccuracy.value).map(([benchmark, row]) => [
            benchmark,
            Object.fromEntries(
              Object.entries(row).map(([model, accuracy]) => {
                const shift = shifts[models.indexOf(model) % shifts.length] as number
                return [model, clamp(logistic(logit(accuracy) + shift), 0.02, 0.98)]
              }),
            ),
          ]),
        ),
      },
    },
  }
}
