/**
 * @file A team that the paper's planner formed, as one row of numbers: all that a learner needs beside the question.
 *
 *     [budget and load, 1 + 3 per model ; noise 64 ; domain ; topology ; agents ; roles, 6]
 *
 * A team is formed in draws, not picked out of candidates: as a decision it has none, and what was taken stands here.
 * Domain, topology and roles are places in `domains`, `paperTopologies` and the roles of `teamTexts`.
 */
import { fixedLoadSize, latentSize, mostAgents } from '../../nn/index.ts'

export interface TeamDecision {
  /** [1 + 3 models]. */
  readonly load: Float32Array
  /** [64]: what the encoder's noise was. */
  readonly noise: Float32Array
  readonly domain: number
  readonly topology: number
  /** One for each agent. */
  readonly roles: readonly number[]
}

/** Numbers of a row. */
export const teamDecisionSize = (models: number): number => fixedLoadSize(models) + latentSize + 3 + mostAgents

export function writeTeamDecision({ load, noise, domain, topology, roles }: TeamDecision): Float32Array {
  const row = new Float32Array(load.length + latentSize + 3 + mostAgents)
  row.set(load)
  row.set(noise, load.length)
  row.set([domain, topology, roles.length, ...roles], load.length + latentSize)
  return row
}

/** `load` and `noise` are views of `row`. */
export function readTeamDecision(row: Float32Array): TeamDecision {
  const noiseAt = row.length - mostAgents - 3 - latentSize
  const facts = noiseAt + latentSize
  const [domain = 0, topology = 0, count = 0] = row.subarray(facts, facts + 3)
  return {
    load: row.subarray(0, noiseAt),
    noise: row.subarray(noiseAt, facts),
    domain,
    topology,
    roles: [...row.subarray(facts + 3, facts + 3 + count)],
  }
}
