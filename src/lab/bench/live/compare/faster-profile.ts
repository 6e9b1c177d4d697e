/**
 * @file The same pool, every time of it divided by a factor: what a gateway meets whose pool runs at a time-scale.
 *
 * A step's duration is linear in all its coefficients together, so dividing each divides it. Lengths, slots, memory and
 * answers stay. What does not scale, and so makes a pool at a time-scale another system than the pool itself: time
 * constants of the policies, margins of the runtime, the poll of the monitor, the network.
 */
import type { MachineProfile, Profile } from '../../../../core/index.ts'
import { scalePrior } from '../../../profile-file.ts'

/** `factor` > 0; 1: the profile itself. */
export function fasterProfile(profile: Profile, factor: number): Profile {
  if (factor === 1) return profile
  const models = Object.entries(profile.models).map(([model, machine]) => [model, fasterMachine(machine, factor)])
  return {
    ...profile,
    models: Object.fromEntries(models),
    apiOverheadMs: { ...profile.apiOverheadMs, value: profile.apiOverheadMs.value / factor },
    prior: scalePrior(profile.prior, factor),
  }
}

function fasterMachine(machine: MachineProfile, factor: number): MachineProfile {
  const { step, host } = machine
  const coefficients = Object.entries(step.value).map(([name, ms]) => [name, ms / factor])
  return {
    ...machine,
    step: { ...step, value: Object.fromEntries(coefficients) as MachineProfile['step']['value'] },
    host: { ...host, value: host.value / factor },
  }
}
