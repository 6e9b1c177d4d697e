/**
 * @file A pool of many made-up models for questions of scale: the paper's five over and over, each varied by the seed.
 *
 * A model is one of the five with its size scaled by exp(0.3 z): weights and compute cost in proportion, attention and KV
 * with the square root. Its ability moves with the size and with luck (logits), its lengths with luck. Everything is
 * assumed: such a pool says how cost and decisions scale, nothing about any real model.
 */
import { clamp, keyedRandom, type MachineProfile, type Profile, type StepTime } from '../../src/core/index.ts'
import { assumed, mapTable, type Variant, variedPool } from '../../src/lab/pools/index.ts'

const seed = 20_261_120

/** Names by place among the paper's five; the first marks a model that thinks at length whatever it is told. */
const kinds = ['reasoning', 'general', 'coder', 'chat', 'compact'] as const
const sizesB = [32.76, 23.57, 14.77, 8.03, 3.21] as const

function variantOf(base: Profile, index: number): Variant {
  const models = Object.keys(base.models)
  const place = index % models.length
  const from = models[place]!
  const random = keyedRandom(seed, `pool|${index}`)
  const scale = Math.exp(clamp(0.3 * random.normal(), -0.5, 0.5))
  const ability = 0.5 * Math.log(scale) + 0.25 * random.normal()
  const drawOf = (what: string) => keyedRandom(seed, `pool|${index}|${what}`).normal()
  return {
    name: `${kinds[place]}-${Math.round(sizesB[place]! * scale)}b-${String(index + 1).padStart(2, '0')}`,
    from,
    machine: scaledMachine(base.models[from]!, { from, scale }),
    abilityOn: (benchmark) => ability + 0.1 * drawOf(`ability|${benchmark}`),
    lengthOn: (benchmark) => Math.exp(0.1 * drawOf(`length|${benchmark}`)),
  }
}

/** `count` models made from the base's; as many GPUs as their kind takes in the base. */
export function scaledPool(base: Profile, { id, count }: { readonly id: string; readonly count: number }): Profile {
  const variants = Array.from({ length: count }, (_, index) => variantOf(base, index))
  return variedPool(base, {
    id,
    description: `${count} made-up models, varied from those of ${base.id}: for questions of scale alone. Every figure from it is simulated.`,
    variants,
    gpus: gpusOf(base, variants),
    source: `${base.id}, varied with seed ${seed}: tools/fit/scaled-pool.ts`,
  })
}

/** Engines share GPUs as their kinds do in the base; every five models take that many GPUs more. */
function gpusOf(base: Profile, variants: readonly Variant[]): Profile['gpus'] {
  const size = Object.keys(base.models).length
  const sets = Array.from({ length: Math.ceil(variants.length / size) }, (_, set) =>
    variants.slice(set * size, (set + 1) * size),
  )
  return sets.flatMap((set, index) =>
    base.gpus
      .map(({ engines }, gpu) => ({
        id: `gpu${index * base.gpus.length + gpu}`,
        engines: set.filter(({ from }) => engines.includes(from)).map(({ name }) => name),
      }))
      .filter(({ engines }) => engines.length > 0),
  )
}

function scaledMachine(
  machine: MachineProfile,
  { from, scale }: { readonly from: string; readonly scale: number },
): MachineProfile {
  const source = `scaled from ${from}`
  const kvTokens = Math.max(machine.maxModelLen.value, Math.round(machine.kvTokens.value / Math.sqrt(scale)))
  return {
    ...machine,
    kvTokens: assumed({ ...machine.kvTokens, value: kvTokens }, source),
    step: assumed({ ...machine.step, value: scaledSteps(machine.step.value, scale) }, source),
    host: assumed(machine.host, `as ${from}`),
  }
}

function scaledSteps(step: StepTime, scale: number): StepTime {
  const attention: readonly string[] = ['decodeC3', 'k3', 'k4']
  return mapTable(step, (value, name) =>
    Number((value * (attention.includes(name) ? Math.sqrt(scale) : scale)).toPrecision(4)),
  ) as StepTime
}
