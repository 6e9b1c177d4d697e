import { expect, it } from 'vitest'
import { paperProfile } from '../../../test/paper-profile.ts'
import type { MachineProfile, Profile } from '../../core/index.ts'
import { capacityPerMinute } from './pool-capacity.ts'

const base = paperProfile()
const withMachines = (change: (machine: MachineProfile) => Partial<MachineProfile>): Profile => ({
  ...base,
  models: Object.fromEntries(
    Object.entries(base.models).map(([model, machine]) => [model, { ...machine, ...change(machine) }]),
  ),
})
const own = capacityPerMinute(base)

it('is the sum over models: half of them, less than all of them', () => {
  const halves = [Object.keys(base.models).slice(0, 2), Object.keys(base.models).slice(2)].map((kept) =>
    capacityPerMinute({ ...base, models: Object.fromEntries(kept.map((model) => [model, base.models[model]!])) }),
  )
  expect(halves[0]! + halves[1]!).toBeCloseTo(own, 6)
  expect(Math.min(...halves)).toBeGreaterThan(0)
})

it('grows with slots, until the cache holds them back', () => {
  const slots = (value: number) =>
    capacityPerMinute(withMachines((machine) => ({ slots: { ...machine.slots, value } })))
  const cached = (value: number) =>
    capacityPerMinute(withMachines((machine) => ({ kvTokens: { ...machine.kvTokens, value } })))
  expect(slots(32)).toBeGreaterThan(1.5 * own)
  expect(slots(8)).toBeLessThan(0.6 * own)
  expect(cached(2000)).toBeLessThan(0.5 * own)
})

it('is less where engines share a GPU, and where models are good for less', () => {
  const apart = { ...base, gpus: Object.keys(base.models).map((model) => ({ id: model, engines: [model] })) }
  expect(capacityPerMinute(apart)).toBeGreaterThan(1.5 * own)
  const worse = JSON.parse(JSON.stringify(base)) as Profile
  for (const { quality } of Object.values(worse.prior.models))
    for (const byStrategy of Object.values(quality.value)) byStrategy.Concise /= 2
  expect(capacityPerMinute(worse)).toBeCloseTo(own / 2, 6)
})

it('tells a pool of the same models on slower cards', () => {
  const slower = JSON.parse(JSON.stringify(base)) as Profile
  for (const { ttft, tpot } of Object.values(slower.prior.models)) {
    ttft.value.fixedMs *= 3
    ttft.value.perTokenMs *= 3
    tpot.value.idleMs *= 3
    tpot.value.perKvTokenMs *= 3
  }
  expect(capacityPerMinute(slower)).toBeCloseTo(own / 3, 6)
})
