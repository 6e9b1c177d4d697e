/** @file Learned policies for tests: networks that nobody trained, whole and as files. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createRandom, type JsonObject } from '../src/core/index.ts'
import {
  armCandidateNames,
  armScorerConfig,
  candidateScorerShapes,
  initialise,
  type LearnedPolicy,
  type PolicyContents,
  parsePolicy,
  planContextNames,
  planScorerConfig,
  serialisePolicy,
  stepContextNames,
  teamCandidateNames,
  tensorOf,
  viewsOf,
} from '../src/policy/index.ts'

export const testHidden = 8

export interface LearnedPolicyOptions {
  readonly seed?: number
  /** Of what the networks add to the base scores; 0: nothing, as before training. Default 1. */
  readonly weight?: number
  readonly settings?: JsonObject
  readonly header?: Partial<PolicyContents['header']>
}

const shapesOf = {
  planner: candidateScorerShapes(planScorerConfig(testHidden)),
  executor: candidateScorerShapes(armScorerConfig(testHidden)),
}

function network(level: keyof typeof shapesOf, { seed = 1, weight = 1 }: LearnedPolicyOptions) {
  const shapes = shapesOf[level]
  const random = createRandom(seed)
  const parameters = initialise(shapes, random)
  const output = tensorOf(viewsOf(shapes, parameters), 'output.weight')
  for (let index = 0; index < output.length; index += 1) output[index] = weight * random.normal()
  return { shapes, parameters }
}

/** Header and weights as they stand in files. */
export function serialisedPolicy(options: LearnedPolicyOptions = {}): ReturnType<typeof serialisePolicy> {
  return serialisePolicy({
    header: {
      kind: 'residual',
      head: 'candidate',
      featureNames: {
        planner: { context: [...planContextNames], candidate: [...teamCandidateNames] },
        executor: { context: [...stepContextNames], candidate: [...armCandidateNames] },
      },
      normalisation: {},
      profileHash: 'p',
      truthHash: 't',
      seed: options.seed ?? 1,
      trainedOn: { profile: 'paper-b200', epochs: 3 },
      results: {},
      settings: { hidden: testHidden, temperature: 0.02, ...options.settings },
      ...options.header,
    },
    networks: new Map([
      ['planner', network('planner', options)],
      ['executor', network('executor', options)],
    ]),
  })
}

export function learnedPolicy(options: LearnedPolicyOptions = {}): LearnedPolicy {
  const { header, weights } = serialisedPolicy(options)
  return parsePolicy(header, weights, 'test')
}

/** Writes policy.json and policy.safetensors; returns the folder. */
export function writePolicy(folder: string, options: LearnedPolicyOptions = {}): string {
  const { header, weights } = serialisedPolicy(options)
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'policy.safetensors'), weights)
  writeFileSync(join(folder, 'policy.json'), JSON.stringify(header))
  return folder
}
