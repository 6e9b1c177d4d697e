/**
 * @file A learned policy on disk: `policy.json`, which says what it is, beside `policy.safetensors`, which holds its weights.
 *
 * One file may hold several networks (`planner`, `executor`); the tensors of each are named `network/tensor`. The header names
 * the features in order and the shapes in order, so that a change of either shows as an error and not as nonsense, and the
 * weights' SHA-256, so that two halves of different policies do not pass as one.
 */
import { z } from 'zod'
import { ConfigError, type ConfigProblem } from '../../core/index.ts'
import { parseSafetensors, type StoredTensor, serialiseSafetensors } from './safetensors.ts'
import { sha256 } from './sha256.ts'
import { type NetworkShapes, tensorOf, viewsOf } from './tensors.ts'

export const policySchemaId = 'inframind/policy/1'

const names = z.array(z.string())
const json = z.record(z.string(), z.json())

/** What a network reads, in order: numbers of the decision, and of each candidate (head `candidate`) or the models of each place (head `joint`). */
const features = z.strictObject({ context: names, candidate: names.optional(), models: names.optional() })

const headerSchema = z.strictObject({
  schema: z.literal(policySchemaId),
  /** The learner. */
  kind: z.enum(['dual', 'residual', 'ppo', 'masrouter']),
  head: z.enum(['candidate', 'joint']),
  /** By network. */
  featureNames: z.record(z.string(), features),
  /** How raw numbers become features, where that is not fixed by their names. */
  normalisation: json,
  /** By network: tensors in the order of its parameters. */
  shapes: z.record(z.string(), z.array(z.strictObject({ name: z.string(), shape: z.array(z.int().positive()) }))),
  weightsSha256: z.string().regex(/^[0-9a-f]{64}$/, '64 hexadecimal digits'),
  profileHash: z.string(),
  truthHash: z.string(),
  seed: z.int(),
  trainedOn: json,
  results: json,
  /** Of the policy itself: temperatures, prices, tables that are not networks. */
  settings: json,
})

export type PolicyHeader = z.infer<typeof headerSchema>

export interface LearnedPolicy {
  readonly header: PolicyHeader
  /** Flat parameters by network. */
  readonly networks: ReadonlyMap<string, Float32Array>
}

const fix = 'Use policy.json and policy.safetensors of one training run, as `inframind train` writes them.'

/**
 * `header`: what policy.json holds; `weights`: the bytes of policy.safetensors. Throws ConfigError, naming `source`, for foreign
 * files, halves that do not belong together, shapes that do not fit and weights that are not finite.
 */
export function parsePolicy(header: unknown, weights: Uint8Array, source: string): LearnedPolicy {
  const checked = parseHeader(header, source)
  const digest = sha256(weights)
  if (digest !== checked.weightsSha256) {
    throw new ConfigError([{ path: 'weightsSha256', expected: checked.weightsSha256, got: digest, fix }], source)
  }
  const { tensors } = parseSafetensors(weights, source)
  const problems = problemsOf(checked, tensors)
  if (problems.length > 0) throw new ConfigError(problems, source)
  const networks = Object.entries(checked.shapes).map(([network, shapes]) => {
    const parts = shapes.map(({ name }) => tensors.get(`${network}/${name}`)!.values)
    const flat = new Float32Array(parts.reduce((total, part) => total + part.length, 0))
    let offset = 0
    for (const part of parts) {
      flat.set(part, offset)
      offset += part.length
    }
    return [network, flat] as const
  })
  return { header: checked, networks: new Map(networks) }
}

function parseHeader(header: unknown, source: string): PolicyHeader {
  const parsed = headerSchema.safeParse(header)
  if (parsed.success) return parsed.data
  const problems = parsed.error.issues.map((issue): ConfigProblem => {
    const got = issue.path.reduce<unknown>((part, key) => (part as Record<PropertyKey, unknown> | null)?.[key], header)
    return {
      path: issue.path.join('.') || '(top)',
      expected: issue.code === 'invalid_type' ? issue.expected : issue.message.replace(/^Invalid \w+: expected /, ''),
      got: got === undefined ? 'nothing' : JSON.stringify(got).slice(0, 80),
      fix,
    }
  })
  throw new ConfigError(problems, source)
}

const shown = (shape: readonly number[] | undefined): string => (shape ? `[${shape.join(', ')}]` : 'nothing')

/** Everything in which header and tensors disagree. */
function problemsOf(header: PolicyHeader, tensors: ReadonlyMap<string, StoredTensor>): readonly ConfigProblem[] {
  const declared = new Map<string, readonly number[]>(
    Object.entries(header.shapes).flatMap(([network, shapes]) =>
      shapes.map(({ name, shape }) => [`${network}/${name}`, shape] as const),
    ),
  )
  const all = new Set([...declared.keys(), ...tensors.keys()])
  const wrong = [...all].filter((name) => shown(declared.get(name)) !== shown(tensors.get(name)?.shape))
  const places = header.head === 'candidate' ? 'candidate' : 'models'
  const unread = Object.entries(header.featureNames).filter(([, read]) => read[places] === undefined)
  return [
    ...unread.map(([network]) => ({
      path: `featureNames.${network}.${places}`,
      expected: 'names',
      got: 'nothing',
      fix,
    })),
    ...wrong.map((name) => ({
      path: `weights ${name}`,
      expected: shown(declared.get(name)),
      got: shown(tensors.get(name)?.shape),
      fix,
    })),
  ]
}

/**
 * Parameters of `network` for code whose shapes are `shapes`. Throws ConfigError where the file holds no such network, or one of
 * other shapes.
 */
export function policyParameters(
  { header, networks }: LearnedPolicy,
  network: string,
  { shapes, source }: { shapes: NetworkShapes; source: string },
): Float32Array {
  const lines = (list: readonly { name: string; shape: readonly number[] }[]) =>
    list.map(({ name, shape }) => `${name} ${shown(shape)}`)
  const [expected, got] = [lines(shapes), lines(header.shapes[network] ?? [])]
  const parameters = networks.get(network)
  let at = 0
  while (at < expected.length && expected[at] === got[at]) at += 1
  if (parameters !== undefined && at === expected.length && at === got.length) return parameters
  const problem = { path: `shapes.${network}`, expected: expected[at] ?? 'no more', got: got[at] ?? 'nothing' }
  throw new ConfigError([{ ...problem, fix: 'Train the policy anew with this version.' }], source)
}

export interface PolicyContents {
  /** All that the weights do not say themselves. */
  readonly header: Omit<PolicyHeader, 'schema' | 'shapes' | 'weightsSha256'>
  readonly networks: ReadonlyMap<string, { readonly shapes: NetworkShapes; readonly parameters: Float32Array }>
}

/** Header (for policy.json) and bytes (for policy.safetensors): the same for the same contents. */
export function serialisePolicy({ header, networks }: PolicyContents): { header: PolicyHeader; weights: Uint8Array } {
  const tensors = new Map<string, StoredTensor>()
  for (const [network, { shapes, parameters }] of networks) {
    const views = viewsOf(shapes, parameters)
    for (const { name, shape } of shapes) tensors.set(`${network}/${name}`, { shape, values: tensorOf(views, name) })
  }
  const weights = serialiseSafetensors({ tensors, metadata: { format: policySchemaId } })
  const shapes = [...networks].map(
    ([network, { shapes }]) => [network, shapes.map(({ name, shape }) => ({ name, shape: [...shape] }))] as const,
  )
  const weightsSha256 = sha256(weights)
  return { header: { ...header, schema: policySchemaId, shapes: Object.fromEntries(shapes), weightsSha256 }, weights }
}
