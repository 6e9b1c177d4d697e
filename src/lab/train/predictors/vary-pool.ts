/**
 * @file A pool like a given one and yet another: speeds, slots and caches drawn anew, with the prior that goes with them.
 *
 * What is learnt on a few profiles would be learnt of their machines. Here each model's engine gets another speed, so that
 * sizes and speeds no longer go together; what its models answer stays as it is.
 */
import type { MachineProfile, ModelPrior, Profile, Random } from '../../../core/index.ts'

const speedSpread = 0.5
const kvSpread = 0.6
const slotChoices = [8, 16, 16, 32]

const scaled = <T extends Readonly<Record<string, number>>>(values: T, factor: number): T =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, value * factor])) as T

function variedMachine(machine: MachineProfile, factor: number, random: Random): MachineProfile {
  const { maxModelLen, kvTokens } = machine
  // A cache holds at least one longest call.
  const tokens = Math.max(maxModelLen.value, Math.round(kvTokens.value * Math.exp(kvSpread * random.normal())))
  return {
    ...machine,
    slots: { ...machine.slots, value: random.pick(slotChoices) },
    kvTokens: { ...kvTokens, value: tokens },
    step: { ...machine.step, value: scaled(machine.step.value, factor) },
    host: { ...machine.host, value: machine.host.value * factor },
  }
}

function variedPrior(prior: ModelPrior, factor: number, apiOverheadMs: number): ModelPrior {
  const { fixedMs, perTokenMs } = prior.ttft.value
  const stepMs = Math.max(0, fixedMs - apiOverheadMs)
  return {
    ...prior,
    ttft: { ...prior.ttft, value: { fixedMs: fixedMs - stepMs + stepMs * factor, perTokenMs: perTokenMs * factor } },
    tpot: { ...prior.tpot, value: scaled(prior.tpot.value, factor) },
  }
}

export function varyPool(profile: Profile, random: Random): Profile {
  const models: Record<string, MachineProfile> = {}
  const priors: Record<string, ModelPrior> = {}
  for (const [model, machine] of Object.entries(profile.models)) {
    const factor = Math.exp(speedSpread * random.normal())
    models[model] = variedMachine(machine, factor, random)
    const prior = profile.prior.models[model]
    if (prior) priors[model] = variedPrior(prior, factor, profile.apiOverheadMs.value)
  }
  return { ...profile, models, prior: { models: priors } }
}
