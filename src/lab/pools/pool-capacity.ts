/**
 * @file How much traffic a pool can take, roughly: so that another pool can be loaded as much as this one.
 *
 * Of every model: slots over the time that one answer holds a slot with all slots full, weighted by its quality, since
 * an arrival is work for models that are good for something. Engines on one GPU slow each other down as if all were busy.
 * From the prior and the machine; Concise answers, mean over the domains of the prior. Good to tell a pool from one half as able.
 */
import { domains, type MachineProfile, type ModelPrior, mean, type Profile } from '../../core/index.ts'

const promptTokens = 300

/** Good answers per minute. */
export function capacityPerMinute({ models, prior, gpus, colocationEta }: Profile): number {
  const neighbours = new Map(gpus.flatMap(({ engines }) => engines.map((engine) => [engine, engines.length - 1])))
  return Object.entries(models).reduce((sum, [model, machine]) => {
    const known = prior.models[model]
    const slowdown = 1 + colocationEta.value * (neighbours.get(model) ?? 0)
    return known ? sum + goodPerMinute(known, machine, slowdown) : sum
  }, 0)
}

function goodPerMinute({ quality, outputTokens, ttft, tpot }: ModelPrior, machine: MachineProfile, slowdown: number) {
  const tokens = mean(domains.map((domain) => outputTokens.value[domain].Concise.mean))
  const held = promptTokens + tokens / 2
  // A cache that is full holds the slots back.
  const slots = Math.min(machine.slots.value, machine.kvTokens.value / (promptTokens + tokens))
  const firstMs = ttft.value.fixedMs + promptTokens * ttft.value.perTokenMs
  const tokenMs = tpot.value.idleMs + slots * held * tpot.value.perKvTokenMs
  const serviceMs = (firstMs + tokens * tokenMs) * slowdown
  return (mean(domains.map((domain) => quality.value[domain].Concise)) * slots * 60_000) / serviceMs
}
