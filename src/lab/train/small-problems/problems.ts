/**
 * @file The small problems. Each is worked out by hand in its comment, so that a test can say what the learner must find.
 */
import type { Random } from '../../../core/index.ts'
import type { Problem, Situation } from './play-problem.ts'

const noContext = { contextSize: 2, candidateSize: 3, hidden: 8 }
const fixed = (candidates: readonly (readonly number[])[]): Situation => ({
  context: Float32Array.of(1, 0),
  candidates,
})
/** One feature each, so that choices can be told apart. */
const oneOf = (count: number) =>
  Array.from({ length: count }, (_, index) => Array.from({ length: 3 }, (_, place) => (place === index ? 1 : 0)))

const flip = (random: Random, chance: number): number => (random.uniform() < chance ? 1 : 0)

/**
 * A constrained bandit. Right with 0.55, 0.75, 0.95; late with 0, 0.02, 0.5; a late answer counts as right here. Allowed
 * are 5 % late: the best that keeps it is the second. Without a price on lateness the third looks best.
 */
export const constrainedBandit: Problem = {
  scorer: noContext,
  places: 3,
  situation: () => fixed(oneOf(3)),
  outcome: (_, taken, { random }) => {
    const isLate = random.uniform() < ([0, 0.02, 0.5][taken] as number)
    return {
      correctness: flip(random, [0.55, 0.75, 0.95][taken] as number),
      isOnTime: !isLate,
      latencyRatio: isLate ? 4 : ([0.1, 0.3, 0.8][taken] as number),
      charges: 0,
    }
  },
}

/**
 * Two models, one queue. The good one is always right but in time only with 1 - x, where x is the share of queries that take
 * it; the other is right with 0.6, always in time. Selfish queries take the good one until 1 - x = 0.6, x = 0.4, and all
 * are worth 0.6: no more than without it. Together they are worth most where 1 - 2x = 0.6: x = 0.2, worth 0.64. The price of the
 * queue that one more query causes is x.
 */
export const twoModelQueue: Problem = {
  scorer: noContext,
  places: 2,
  situation: () => fixed(oneOf(2)),
  outcome: (_, taken, { shares, random }) => {
    const share = shares[0] as number
    if (taken === 1) return { correctness: flip(random, 0.6), isOnTime: true, latencyRatio: 0.2, charges: 0 }
    return { correctness: 1, isOnTime: random.uniform() < 1 - share, latencyRatio: 0.9, charges: share }
  },
}

/**
 * A planted effect of the load: the second feature is worth +0.3 at no load and -0.3 at full, in a straight line, so the
 * sign of its worth turns at one half. Only a network whose context modulates its candidates can follow.
 */
export const plantedModulation: Problem = {
  scorer: { contextSize: 2, candidateSize: 3, hidden: 16 },
  places: 4,
  situation: (random) => modulated(random.uniform(), random),
  outcome: ({ context, candidates }, taken, { random }) => {
    const load = context[1] as number
    const strength = candidates[taken]?.[1] as number
    return {
      correctness: flip(random, 0.5 + 0.3 * (1 - 2 * load) * strength),
      isOnTime: true,
      latencyRatio: 0.5,
      charges: 0,
    }
  },
}

/** Four choices of drawn strength at this load. */
export const modulated = (load: number, random: Random): Situation => ({
  context: Float32Array.of(1, load),
  candidates: Array.from({ length: 4 }, () => [1, 2 * random.uniform() - 1, 0]),
})

/**
 * Wrong and fast against right and late: small and shallow is right with 0.5 at a tenth of the budget, large and deep with 0.8
 * at nine tenths. Both are in time, so the second is better; where every second costs, the first is.
 */
export const fastOrRight: Problem = {
  scorer: noContext,
  places: 2,
  situation: () => fixed(oneOf(2)),
  outcome: (_, taken, { random }) => ({
    correctness: flip(random, taken === 0 ? 0.5 : 0.8),
    isOnTime: true,
    latencyRatio: taken === 0 ? 0.1 : 0.9,
    charges: 0,
  }),
}

/**
 * Right at four times the budget against less often right in time: 0.9 at 4, 0.6 at 0.2. Only the second is of use to who
 * waits; a form that gives up its price while the mean is below the budget takes the first.
 */
export const lateOrInTime: Problem = {
  scorer: noContext,
  places: 2,
  situation: () => fixed(oneOf(2)),
  outcome: (_, taken, { random }) => ({
    correctness: flip(random, taken === 0 ? 0.9 : 0.6),
    isOnTime: taken === 1,
    latencyRatio: taken === 0 ? 4 : 0.2,
    charges: 0,
  }),
}
