/** @file A team that was weighed, as the plan that ports carry. */
import type { Plan, PlanAlternative } from '../../core/index.ts'
import type { Candidate } from './candidates.ts'
import type { Weighed } from './weigh.ts'

/** Teams that a plan names beside the one taken. */
export const mostAlternatives = 4

const likely = ({ probability }: Weighed) => (probability === undefined ? {} : { probability })

const toAlternative = (weighed: Weighed): PlanAlternative => ({
  topology: weighed.candidate.topology,
  agents: weighed.candidate.agents,
  predictedMs: weighed.predictedMs,
  quality: weighed.quality,
  score: weighed.score,
  ...likely(weighed),
})

/** The part of a plan that a candidate fixes. */
export const teamOf = ({ topology, agents, steps, merge, stopsOnAgreement }: Candidate) => ({
  topology,
  agents,
  steps,
  merge,
  stopsOnAgreement,
})

/** The plan of `taken`; `others` best first, it may be among them. */
export const toPlan = (taken: Weighed, reason: string, others: readonly Weighed[] = []): Plan => ({
  ...teamOf(taken.candidate),
  predictedMs: taken.predictedMs,
  quality: taken.quality,
  score: taken.score,
  ...likely(taken),
  reason,
  alternatives: others
    .filter((other) => other !== taken)
    .slice(0, mostAlternatives)
    .map(toAlternative),
})
