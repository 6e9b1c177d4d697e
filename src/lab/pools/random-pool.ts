/**
 * @file A pool that nobody has met before, drawn from a seed: for training that carries over, and for measuring whether it did.
 *
 * Two to eight models, each one of the base's under another name: step times x exp(0.4 z), KV x exp(0.4 z), slots drawn,
 * abilities shifted by 0.5 z over all benchmarks and 0.15 z on each (logits), lengths x exp(0.3 z), compliance with Flash
 * shifted by z, GPUs dealt out anew, the server's overhead x exp(0.4 z). z is cut at 2.5. Everything is assumed.
 */
import { clamp, invariant, keyedRandom, type MachineProfile, type Profile, type Random } from '../../core/index.ts'
import { mapTable, roundTo } from './quantity.ts'
import { assumed, type Variant, variedPool } from './varied-pool.ts'

const [fewest, most] = [2, 8]
const mostPerGpu = 4
const slotChoices = [8, 16, 24, 32]
const timeSpread = 0.4
const kvSpread = 0.4
const lengthSpread = 0.3
const abilitySpread = 0.5
const benchmarkSpread = 0.15
const farthest = 2.5

const normal = (random: Random): number => clamp(random.normal(), -farthest, farthest)
const factor = (random: Random, spread: number): number => Math.exp(spread * normal(random))

/** The pool of `seed`; the same under the same base and seed. `base` must hold a truth: INVARIANT_VIOLATED. */
export function randomPool(base: Profile, seed: number): Profile {
  const random = keyedRandom(seed, 'random-pool')
  const count = fewest + random.below(most - fewest + 1)
  const variants = Array.from({ length: count }, (_, index) => variantOf(base, { seed, index }))
  return variedPool(base, {
    id: `random:${seed}`,
    description: `${count} made-up models, drawn from those of ${base.id} with seed ${seed}. Every figure from it is simulated.`,
    variants,
    gpus: dealt(variants, random),
    apiOverheadMs: roundTo(base.apiOverheadMs.value * factor(random, timeSpread), 1),
    source: `${base.id}, varied with seed ${seed}: src/lab/pools/random-pool.ts`,
  })
}

function variantOf(base: Profile, { seed, index }: { readonly seed: number; readonly index: number }): Variant {
  invariant(base.truth !== undefined, 'a pool is drawn from the truth of its base')
  const random = keyedRandom(seed, `random-pool|${index}`)
  const from = random.pick(Object.keys(base.models))
  const ability = abilitySpread * normal(random)
  // Prompts and caps go by the name: who thinks at length whatever it is told must be called so.
  const doesThink = base.truth.strategyTokenRatio.value.Flash[from] !== null
  return {
    name: `${doesThink ? 'reasoning' : 'model'}-${index + 1}`,
    from,
    machine: drawnMachine(base.models[from] as MachineProfile, { from, random }),
    abilityOn: (benchmark) =>
      ability + benchmarkSpread * normal(keyedRandom(seed, `random-pool|${index}|${benchmark}`)),
    lengthOn: () => 1,
    lengthFactor: roundTo(factor(random, lengthSpread), 3),
    compliance: normal(random),
  }
}

function drawnMachine(
  machine: MachineProfile,
  { from, random }: { readonly from: string; readonly random: Random },
): MachineProfile {
  const { slots, kvTokens, maxModelLen, step, host } = machine
  const source = `drawn around ${from}`
  const slower = factor(random, timeSpread)
  // A cache holds at least one longest call.
  const tokens = Math.max(maxModelLen.value, Math.round(kvTokens.value * factor(random, kvSpread)))
  const times = mapTable(step.value, (value) =>
    Number((value * slower).toPrecision(4)),
  ) as MachineProfile['step']['value']
  return {
    ...machine,
    slots: assumed({ ...slots, value: random.pick(slotChoices) }, source),
    kvTokens: assumed({ ...kvTokens, value: tokens }, source),
    step: assumed({ ...step, value: times }, source),
    host: assumed(host, `as ${from}`),
  }
}

/** Between one GPU for four engines and one for each. */
function dealt(variants: readonly Variant[], random: Random): Profile['gpus'] {
  const least = Math.ceil(variants.length / mostPerGpu)
  const count = least + random.below(variants.length - least + 1)
  const gpus = Array.from({ length: count }, (): string[] => [])
  for (const { name } of variants) random.pick(gpus.filter(({ length }) => length < mostPerGpu)).push(name)
  return gpus.filter(({ length }) => length > 0).map((engines, index) => ({ id: `gpu${index}`, engines }))
}
