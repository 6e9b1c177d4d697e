/**
 * @file One step of learning for the paper's planner: REINFORCE over whole teams, with its two auxiliary tasks.
 *
 *     loss = mean(-A ln p(team)) - entCoef entropy + vaeCoef encoder loss + domainCoef cross-entropy of the domain
 *
 * ln p(team) = ln p(topology) + ln p(count) + sum over the agents of ln p(role). Entropy: of topology and count. Encoder loss:
 * reconstruction + divergence from the prior, of query, topologies and roles; the paper weighs it 0.001.
 */
import { invariant } from '../../../core/index.ts'
import {
  latentSize,
  mostAgents,
  type PaperPlannerConfig,
  type PlannerTexts,
  paperPlannerShapes,
} from '../../../policy/index.ts'
import { np, type Tensor, type TensorRecord, teamLogs, type Weights } from '../networks/index.ts'
import { crossEntropies, entropies, takenLogs, weightedMean } from './categorical-terms.ts'
import { compileLoss } from './compiled-loss.ts'
import { policyGradient } from './policy-gradient.ts'

export interface PlannerStepConfig extends PaperPlannerConfig {
  readonly rows: number
  readonly texts: PlannerTexts
}

/** Teams that were formed; all arrays row by row, rows of weight 0 count for nothing. */
export interface PlannerBatch {
  /** By name: [rows, ...shape]. */
  readonly arrays: Readonly<Record<string, Float32Array>>
  readonly rows: number
}

export interface TeamTaken {
  readonly query: Float32Array
  readonly load: Float32Array
  /** [64]: the noise it was decided with; null for none. */
  readonly noise: Float32Array | null
  readonly topology: number
  /** 1 to 6, in the order they were chosen. */
  readonly roles: readonly number[]
  /** Roles of the query's domain, by number. */
  readonly allowedRoles: readonly number[]
  readonly domain: number
  readonly advantage: number
  /** 1 unless told. */
  readonly weight?: number
}

export interface PlannerCoefficients {
  readonly entCoef: number
  /** 0.001 in the paper. */
  readonly vaeCoef: number
  readonly domainCoef: number
}

export interface PlannerStats {
  readonly loss: number
  readonly policyLoss: number
  readonly entropy: number
  readonly vaeLoss: number
  readonly domainLoss: number
}

export interface PlannerStep {
  step(
    parametersFlat: Float32Array,
    batch: PlannerBatch,
    coefficients: PlannerCoefficients,
  ): {
    readonly gradientFlat: Float32Array
    readonly stats: PlannerStats
    /** [rows]: ln p(team). */
    readonly logProbabilities: Float32Array
  }
}

function rowShapes({ loadSize, domains, embeddingSize = 384, texts }: PlannerStepConfig): Record<string, number[]> {
  const topologies = texts.topologies.length / embeddingSize
  const roles = texts.roles.length / embeddingSize
  return {
    query: [embeddingSize],
    load: [loadSize],
    noise: [latentSize],
    topologyTaken: [topologies],
    countTaken: [mostAgents],
    roleTaken: [mostAgents, roles],
    roleHistory: [mostAgents, roles],
    roleMask: [roles],
    domainTaken: [domains],
    advantage: [],
    weight: [],
  }
}

const sizeOf = (shape: readonly number[]) => shape.reduce((product, length) => product * length, 1)

export function createPlannerBatch(config: PlannerStepConfig): PlannerBatch {
  const arrays = Object.entries(rowShapes(config)).map(
    ([name, shape]) => [name, new Float32Array(config.rows * sizeOf(shape))] as const,
  )
  return { arrays: Object.fromEntries(arrays), rows: config.rows }
}

/** Overwrites a row whole. Throws `INVARIANT_VIOLATED` for a row or a team that does not fit. */
export function writeTeam(batch: PlannerBatch, row: number, team: TeamTaken): void {
  const { rows, arrays } = batch
  const count = team.roles.length
  invariant(row < rows, `row ${row} of a batch of ${rows}`)
  invariant(count >= 1 && count <= mostAgents, `a team of ${count}`)
  const part = (name: string) => {
    const array = arrays[name] as Float32Array
    return array.subarray((row * array.length) / rows, ((row + 1) * array.length) / rows).fill(0)
  }
  part('query').set(team.query)
  part('load').set(team.load)
  part('noise').set(team.noise ?? [])
  part('topologyTaken')[team.topology] = 1
  part('countTaken')[count - 1] = 1
  part('domainTaken')[team.domain] = 1
  part('advantage')[0] = team.advantage
  part('weight')[0] = team.weight ?? 1
  const roleMask = part('roleMask')
  for (const role of team.allowedRoles) roleMask[role] = 1
  const [taken, history] = [part('roleTaken'), part('roleHistory')]
  for (const [step, role] of team.roles.entries()) {
    invariant(roleMask[role] === 1, `role ${role} is not of the query's domain`)
    taken[step * roleMask.length + role] = 1
    for (const before of team.roles.slice(0, step)) history[step * roleMask.length + before]! += 1 / step
  }
}

/** Steps beyond a team's count have no role taken and add nothing to ln p(team). */
function lossOf(weights: Weights, batch: Weights): [Tensor, TensorRecord] {
  const mean = (terms: Tensor) => weightedMean(terms, batch('weight'))
  const coefficient = (index: number) => batch('coefficients').slice(index)
  const { topology, count, roles, domain, encoderLosses } = teamLogs(weights, batch)
  const entropy = mean(entropies(topology.ref).add(entropies(count.ref)))
  const logs = takenLogs(topology, batch('topologyTaken'))
    .add(takenLogs(count, batch('countTaken')))
    .add(np.sum(takenLogs(roles, batch('roleTaken')), -1))
  const policy = mean(policyGradient({ logs: logs.ref, advantages: batch('advantage') }))
  const [queries, topologies, roleTexts] = encoderLosses
  const vae = mean(queries).add(np.mean(topologies)).add(np.mean(roleTexts))
  const domains = mean(crossEntropies(domain, batch('domainTaken')))
  const loss = policy.ref
    .sub(entropy.ref.mul(coefficient(0)))
    .add(vae.ref.mul(coefficient(1)))
    .add(domains.ref.mul(coefficient(2)))
  return [loss, { means: np.stack([policy, entropy, vae, domains]), logs }]
}

/** Call `startJax` first. */
export function createPlannerStep(config: PlannerStepConfig): PlannerStep {
  const { embeddingSize = 384, texts } = config
  const shapes = paperPlannerShapes(config)
  const compiled = compileLoss(shapes, lossOf)
  const textTensor = (values: Float32Array) => np.array(values.slice()).reshape([-1, embeddingSize])
  return {
    step(parametersFlat, { arrays, rows }, { entCoef, vaeCoef, domainCoef }) {
      invariant(rows === config.rows, `a batch of ${rows} rows for a step of ${config.rows}`)
      const tensors: TensorRecord = {
        topologies: textTensor(texts.topologies),
        roles: textTensor(texts.roles),
        coefficients: np.array([entCoef, vaeCoef, domainCoef]),
      }
      for (const [name, shape] of Object.entries(rowShapes(config)))
        tensors[name] = np.array((arrays[name] as Float32Array).slice()).reshape([rows, ...shape])
      const { loss, further, gradientFlat } = compiled(parametersFlat, tensors)
      const [policyLoss, entropy, vaeLoss, domainLoss] = further['means'] as unknown as [number, number, number, number]
      return {
        gradientFlat,
        stats: { loss, policyLoss, entropy, vaeLoss, domainLoss },
        logProbabilities: further['logs'] as Float32Array,
      }
    },
  }
}
