/**
 * @file What must hold between the fields of a config, beyond the shape of each.
 *
 * Duplicate engines and names, virtual models that would hide an engine, an open door on a public address: each is one
 * function from config to problems, so that a config shows all of its faults at once.
 */
import { type ConfigProblem, suggestName } from '../../core/index.ts'
import { gatewayModel, isLoopback, parseListen } from './config.ts'
import type { RawApiKey, RawConfig } from './schema.ts'

export interface CheckOptions {
  /** Serve a non-loopback address without keys. */
  readonly isInsecure: boolean
  /** Names of topologies; absent: not checked. */
  readonly topologies?: readonly string[]
}

const longestBudgetMs = 24 * 3_600_000

/** The second and later index of every value that comes again, with the first. */
function repeats<T>(items: readonly T[], key: (item: T) => string | undefined): { first: number; again: number }[] {
  const firstIndex = new Map<string, number>()
  return items.flatMap((item, index) => {
    const value = key(item)
    if (value === undefined) return []
    const first = firstIndex.get(value)
    if (first === undefined) firstIndex.set(value, index)
    return first === undefined ? [] : [{ first, again: index }]
  })
}

function checkListen(config: RawConfig, { isInsecure }: CheckOptions): ConfigProblem[] {
  const address = parseListen(config.listen)
  if (address === null) {
    const got = JSON.stringify(config.listen)
    return [{ path: 'listen', expected: 'host:port', got, fix: 'For example: 127.0.0.1:8080' }]
  }
  if (isLoopback(address.host) || config.keys !== undefined || isInsecure) return []
  return [
    {
      path: 'listen',
      expected: 'a loopback address, as no keys are set',
      got: JSON.stringify(config.listen),
      fix: 'Add keys: { file: keys.yaml }, listen on 127.0.0.1, or pass --insecure to let everybody in.',
    },
  ]
}

const normalUrl = (url: string) => new URL(url).href.replace(/\/+$/, '').replace(/\/v1$/, '')

function checkEngines({ engines }: RawConfig): ConfigProblem[] {
  // Without a model an engine stands for whatever it serves, so a second entry of its URL is the same engine again.
  const byUrl = repeats(engines, ({ url }) => normalUrl(url)).filter(({ first, again }) => {
    const [one, other] = [engines[first]?.model, engines[again]?.model]
    return one === undefined || other === undefined
  })
  const sameModel = repeats(engines, ({ url, model }) => model && `${normalUrl(url)} ${model}`)
  const names = repeats(engines, ({ name }) => name)
  return [
    ...[...byUrl, ...sameModel].map(({ first, again }) => ({
      path: `engines[${again}]`,
      expected: 'an engine of its own',
      got: `the same url and model as engines[${first}]`,
      fix: 'Remove one of the two; a replica is another process with a URL of its own.',
    })),
    ...names.map(({ first, again }) => ({
      path: `engines[${again}].name`,
      expected: 'a name of its own',
      got: `the name of engines[${first}]`,
      fix: 'Rename one of the two.',
    })),
  ]
}

function checkModels({ engines, models }: RawConfig, { topologies }: CheckOptions): ConfigProblem[] {
  const engineModels = new Set(engines.map(({ model }) => model))
  const problems = Object.entries(models).flatMap(([name, model]): ConfigProblem[] => {
    const path = `models.${name}`
    const found: ConfigProblem[] = []
    if (!/^[^\s@]+$/.test(name)) {
      const fix = 'The part after @ in a request names a budget: fast@10s.'
      found.push({ path, expected: 'a name without spaces and @', got: JSON.stringify(name), fix })
    }
    if (engineModels.has(name)) {
      const fix = 'Rename the virtual model: an engine under the same name could not be reached any more.'
      found.push({ path, expected: 'a name that no engine serves', got: `"${name}", the model of an engine`, fix })
    }
    if (model.budget !== 'auto' && (model.budget ?? 0) > longestBudgetMs) {
      found.push({ path: `${path}.budget`, expected: 'at most 24h', got: 'more', fix: 'Shorten it.' })
    }
    return [...found, ...checkTopology(`${path}.topology`, model.topology, topologies)]
  })
  if (engineModels.has(gatewayModel)) {
    const at = engines.findIndex(({ model }) => model === gatewayModel)
    const fix = 'Give the engine another model name.'
    problems.push({ path: `engines[${at}].model`, expected: 'any other name', got: `"${gatewayModel}"`, fix })
  }
  return problems
}

function checkTopology(path: string, name: string | undefined, known: readonly string[] | undefined): ConfigProblem[] {
  if (name === undefined || known === undefined || known.includes(name)) return []
  return [{ path, expected: 'the name of a topology', got: JSON.stringify(name), fix: suggestName(name, known) }]
}

function checkFixed({ policy, engines }: RawConfig, { topologies }: CheckOptions): ConfigProblem[] {
  const { topology, model } = policy.fixed ?? {}
  const models = engines.flatMap((engine) => (engine.model === undefined ? [] : [engine.model]))
  const isKnown = model === undefined || models.length < engines.length || models.includes(model)
  const problem = { path: 'policy.fixed.model', expected: 'the model of an engine', got: JSON.stringify(model) }
  const isMissing = policy.executor === 'fixed' && model === undefined
  const fix = 'Name the model that the fixed executor is to use: policy: { executor: fixed, fixed: { model: ... } }.'
  return [
    ...checkTopology('policy.fixed.topology', topology, topologies),
    ...(isMissing ? [{ ...problem, got: 'nothing', fix }] : []),
    ...(isKnown ? [] : [{ ...problem, fix: suggestName(model, models) }]),
  ]
}

/**
 * A learned policy is one that somebody trained: it has to be named. `dual` comes with the package. A name that nothing asks
 * for is a mistake: whoever wrote it means it to decide.
 */
function checkLearned({ policy }: RawConfig): ConfigProblem[] {
  const parts = [
    { path: 'policy', part: policy },
    ...(policy.shadow ? [{ path: 'policy.shadow', part: policy.shadow }] : []),
  ]
  return parts.flatMap(({ path, part: { planner, executor, file } }): ConfigProblem[] => {
    const isLearned = planner === 'learned' || executor === 'learned'
    if (file !== undefined && !isLearned && planner !== 'dual') {
      const fix = `Add planner: learned, executor: learned, or both; or remove the file.`
      return [
        { path: `${path}.file`, expected: 'something learned to take from it', got: `${planner} and ${executor}`, fix },
      ]
    }
    if (!isLearned || file !== undefined) return []
    const fix = `Say which: ${path}: { planner: learned, executor: learned, file: ./policies/mine }.`
    return [{ path: `${path}.file`, expected: 'the name or the folder of a policy', got: 'nothing', fix }]
  })
}

/** Every problem between fields, in the order of the file. */
export function checkConfig(config: RawConfig, options: CheckOptions): ConfigProblem[] {
  return [
    ...checkListen(config, options),
    ...checkEngines(config),
    ...checkModels(config, options),
    ...checkFixed(config, options),
    ...checkLearned(config),
  ]
}

/** Keys that share an id or a digest. `prefix`: the file's path in messages. */
export function checkKeys(keys: readonly RawApiKey[], prefix: string): ConfigProblem[] {
  const fields = ['id', 'sha256'] as const
  return fields.flatMap((field) =>
    repeats(keys, (key) => key[field]).map(({ first, again }) => ({
      path: `${prefix}[${again}].${field}`,
      expected: `a different ${field} for every key`,
      got: `the ${field} of ${prefix}[${first}]`,
      fix: 'Remove or change one of the two.',
    })),
  )
}
