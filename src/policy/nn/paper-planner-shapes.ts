/** @file The paper's planner as a list of shapes, with the numbers that training and serving share; its formulas: paper-planner.ts. */
import { linearShapes } from './blocks.ts'
import type { NetworkShapes } from './tensors.ts'

export interface PaperPlannerConfig {
  /** Numbers of z0. */
  readonly loadSize: number
  readonly domains: number
  /** 384 unless told. */
  readonly embeddingSize?: number
}

export const latentSize = 64
/** Teams have 1 to this many agents. */
export const mostAgents = 6
/** Noise of the encoders, and deviation of their prior. */
export const noiseScale = 0.1
export const topologyTemperature = 0.8
export const roleTemperature = 0.5
/** Keeps the cosine of a vector of zeros finite. */
export const cosineEpsilon = 1e-6
/** Width of what budget and load become. */
export const filmHidden = 32

export const encoderNames = ['query', 'topology', 'role'] as const

const encoderShapes = (name: string, embeddingSize: number): NetworkShapes => [
  ...linearShapes(`${name}.encoder`, { inputs: embeddingSize, outputs: latentSize }),
  ...linearShapes(`${name}.mean`, { inputs: latentSize, outputs: latentSize, start: 'lecun' }),
  ...linearShapes(`${name}.logvar`, { inputs: latentSize, outputs: latentSize, start: 'zeros' }),
  ...linearShapes(`${name}.decoder`, { inputs: latentSize, outputs: latentSize }),
  ...linearShapes(`${name}.output`, { inputs: latentSize, outputs: embeddingSize, start: 'lecun' }),
]

export function paperPlannerShapes({ loadSize, domains, embeddingSize = 384 }: PaperPlannerConfig): NetworkShapes {
  return [
    ...encoderNames.flatMap((name) => encoderShapes(name, embeddingSize)),
    ...linearShapes('film.inner', { inputs: loadSize, outputs: filmHidden }),
    ...linearShapes('film.gamma', { inputs: filmHidden, outputs: latentSize, start: 'zeros' }),
    ...linearShapes('film.beta', { inputs: filmHidden, outputs: latentSize, start: 'zeros' }),
    { name: 'topology.scale', shape: [1], start: 'zeros' },
    ...linearShapes('count', { inputs: latentSize, outputs: mostAgents, start: 'lecun' }),
    ...linearShapes('context', { inputs: 3 * latentSize, outputs: latentSize, start: 'lecun' }),
    ...linearShapes('domain', { inputs: latentSize, outputs: domains, start: 'lecun' }),
  ]
}
