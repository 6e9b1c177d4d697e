/**
 * @file What the learned baselines have learnt, from the files that come with the package; read once, when first asked for.
 *
 * They stand apart from the policies that serve: nobody is meant to serve a rival. `inframind train --learner gptswarm` and
 * `--learner masrouter` make them again.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ConfigError } from '../core/index.ts'
import {
  type LearntBaselines,
  parsePolicy,
  parseSwarmPolicy,
  type RouterPolicy,
  routerPolicyOf,
  type SwarmPolicy,
} from '../policy/index.ts'

function readFile(folder: string, name: string): Buffer {
  const path = join(folder, name)
  try {
    return readFileSync(path)
  } catch (error) {
    const got = (error as NodeJS.ErrnoException).code ?? 'an error'
    const fix = 'Install the package again, or learn it again with inframind train.'
    throw new ConfigError([{ path: name, expected: 'a readable file', got, fix }], path)
  }
}

function readJson(folder: string, name: string): unknown {
  const text = readFile(folder, name).toString('utf8')
  try {
    return JSON.parse(text)
  } catch (error) {
    const fix = 'Use the file as `inframind train` wrote it.'
    throw new ConfigError([{ path: '(top)', expected: 'JSON', got: (error as Error).message, fix }], join(folder, name))
  }
}

const readSwarm = (folder: string): SwarmPolicy =>
  parseSwarmPolicy(readJson(folder, 'gptswarm.json'), join(folder, 'gptswarm.json'))

function readRouter(folder: string): RouterPolicy {
  const source = join(folder, 'masrouter', 'policy.json')
  const header = readJson(folder, 'masrouter/policy.json')
  return routerPolicyOf(parsePolicy(header, readFile(folder, 'masrouter/policy.safetensors'), source), source)
}

/**
 * What `folder` holds, as `inframind train` writes it. Asking throws ConfigError where a file is missing, damaged, or does not
 * fit this version.
 */
export function loadBaselines(folder: string): LearntBaselines {
  let swarm: SwarmPolicy | null = null
  let router: RouterPolicy | null = null
  return {
    swarm: () => {
      swarm ??= readSwarm(folder)
      return swarm
    },
    router: () => {
      router ??= readRouter(folder)
      return router
    },
  }
}

/** Those that come with the package. */
export const shippedBaselines = loadBaselines(fileURLToPath(new URL('../../policies/baselines/', import.meta.url)))
