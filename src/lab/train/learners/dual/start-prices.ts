/**
 * @file The prices to start from: duals of the linear program over teams, at a grid of arrival rates.
 *
 * The program is that of the fluid lines (see lab/fluid), but of what is known instead of what is true: worth and length of
 * each arm by the prior, worth of a team by the fitted rules, machines by the profile. Queries come in classes, by domain and
 * budget; a team may serve a class where its expected time fits the budget with room to spare. What one more second of an
 * engine would add to the correct answers, spread over its slots, is what a slot-second must pay.
 */
import type { Domain, ModelId, Profile, ProfilePrior } from '../../../../core/index.ts'
import type { PriceStart, TeamRules } from '../../../../policy/index.ts'
import { type Capacity, loadHighs, type ProgramClass, solveFluidProgram } from '../../../fluid/index.ts'
import { knownPlans } from './known-plans.ts'

export interface StartPriceOptions {
  readonly profile: Profile
  /** What is known of the models. */
  readonly prior: ProfilePrior
  readonly teamRules: TeamRules
  /** Shares of the queries by domain. */
  readonly mix: Readonly<Partial<Record<Domain, number>>>
  /** All equally likely. */
  readonly budgetsMs: readonly number[]
  /** Ascending. */
  readonly ratesPerMinute: readonly number[]
}

/** Tokens that a call keeps in the cache on the average: a prompt and half of an answer. */
const heldTokens = 500

export async function startPrices(options: StartPriceOptions): Promise<PriceStart> {
  const { profile, mix, budgetsMs, ratesPerMinute } = options
  const highs = await loadHighs()
  const models = Object.keys(profile.models)
  const total = Object.values(mix).reduce((sum, share) => sum + share, 0)
  const classes: ProgramClass[] = []
  const weights: number[] = []
  for (const [domain, share] of Object.entries(mix) as [Domain, number][])
    for (const plans of knownPlans(domain, options)) {
      classes.push(plans)
      weights.push(share / total / budgetsMs.length)
    }
  const width = 1 + 2 * models.length
  const plans = classes.map(({ sums }) => Array.from({ length: sums.length / width }, (_, plan) => plan))
  const capacity = capacityOf(profile, models)
  const byRate = ratesPerMinute.map((ratePerMinute) => {
    const { workPrices, kvPrices } = solveFluidProgram(highs, { classes, plans, weights, ratePerMinute, capacity })
    return models.map((model, index) =>
      slotSecondPrice(workPrices[index]!, kvPrices[index]!, {
        queriesPerSecond: ratePerMinute / 60,
        slots: profile.models[model]!.slots.value,
        kvTokens: profile.models[model]!.kvTokens.value,
      }),
    )
  })
  const pricesOf = (index: number) => byRate.map((prices) => round(prices[index]!))
  return {
    ratesPerMinute,
    pricePerSlotSecond: Object.fromEntries(models.map((model, index): [ModelId, number[]] => [model, pricesOf(index)])),
  }
}

/**
 * Price of a slot-second, given what a whole engine more, and a cache of twice the size, would add to the share of correct
 * answers: by the second they add `queriesPerSecond` times that.
 */
export function slotSecondPrice(
  workPrice: number,
  kvPrice: number,
  { queriesPerSecond, slots, kvTokens }: { queriesPerSecond: number; slots: number; kvTokens: number },
): number {
  return queriesPerSecond * (workPrice / slots + (kvPrice * heldTokens) / kvTokens)
}

/** A model on no GPU of the profile has one to itself. */
function capacityOf({ models, gpus, colocationEta }: Profile, names: readonly ModelId[]): Capacity {
  const placed = gpus.map(({ engines }) => engines.map((engine) => names.indexOf(engine)).filter((model) => model >= 0))
  const alone = names.map((_, model) => model).filter((model) => !placed.some((engines) => engines.includes(model)))
  return {
    kvTokens: names.map((name) => models[name]!.kvTokens.value),
    gpus: [...placed, ...alone.map((model) => [model])],
    eta: colocationEta.value,
  }
}

const round = (value: number): number => Math.round(value * 1e5) / 1e5
