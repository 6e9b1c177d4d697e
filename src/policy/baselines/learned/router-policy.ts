/**
 * @file What `masrouter` has learnt: two networks, what a token costs at each price setting, and how deep each domain thinks.
 *
 * On disk it is a policy like our own (policy.json and policy.safetensors, networks `team` and `model`), held against the
 * running code before anything is decided by it.
 */
import { z } from 'zod'
import { ConfigError, type ConfigProblem, type Domain, strategyIds } from '../../../core/index.ts'
import { candidateScorerShapes, type LearnedPolicy, policyParameters } from '../../nn/index.ts'
import { routerFeatureNames, routerScorerConfig } from './router-features.ts'

/** How much a query's cost weighs against a right answer. */
export const priceSettings = ['low', 'mid', 'high'] as const
export type PriceSetting = (typeof priceSettings)[number]

const byPrice = <T extends z.ZodType>(value: T) => z.strictObject({ low: value, mid: value, high: value })
const depths = byPrice(z.enum(strategyIds))

export const routerSettingsSchema = z.strictObject({
  /** Width of the networks. */
  hidden: z.int().positive(),
  /** Quality points per thousand output tokens of a model of one billion parameters. */
  priceWeights: byPrice(z.number().nonnegative()),
  /** The method chooses no depth: every agent answers at its domain's. */
  depths: z.strictObject({ math: depths, code: depths, knowledge: depths, general: depths } satisfies Record<
    Domain,
    z.ZodType
  >),
})

export type RouterSettings = z.infer<typeof routerSettingsSchema>

export interface RouterPolicy extends RouterSettings {
  /** Flat parameters of each network. */
  readonly networks: Readonly<Record<RouterLevel, Float32Array>>
}

export const routerLevels = ['team', 'model'] as const
export type RouterLevel = (typeof routerLevels)[number]

export const routerKind = 'masrouter'

const fix = 'Train it anew with this version: inframind train --learner masrouter.'

/** Throws ConfigError, naming `source`, where the policy is another learner's or does not fit the running code. */
export function routerPolicyOf(policy: LearnedPolicy, source: string): RouterPolicy {
  const { kind, head, settings } = policy.header
  const parsed = routerSettingsSchema.safeParse(settings)
  const problems: readonly ConfigProblem[] = [
    ...(kind === routerKind ? [] : [{ path: 'kind', expected: routerKind, got: kind, fix }]),
    ...(head === 'candidate' ? [] : [{ path: 'head', expected: 'candidate', got: head, fix }]),
    ...routerLevels.flatMap((level) => featureProblems(policy, level)),
    ...(parsed.error?.issues ?? []).map((issue) => ({
      path: ['settings', ...issue.path].join('.'),
      expected: issue.message,
      got: 'something else',
      fix,
    })),
  ]
  if (problems.length > 0 || !parsed.success) throw new ConfigError(problems, source)
  const { hidden } = parsed.data
  const parametersOf = (level: RouterLevel) =>
    policyParameters(policy, level, { shapes: candidateScorerShapes(routerScorerConfig(level, hidden)), source })
  return { ...parsed.data, networks: { team: parametersOf('team'), model: parametersOf('model') } }
}

/** The first name of each list that is not the running code's. */
function featureProblems({ header }: LearnedPolicy, level: RouterLevel): readonly ConfigProblem[] {
  return (['context', 'candidate'] as const).flatMap((part) => {
    const [expected, got] = [routerFeatureNames[level][part], header.featureNames[level]?.[part] ?? []]
    const places = Array.from({ length: Math.max(expected.length, got.length) }, (_, place) => place)
    const at = places.find((place) => expected[place] !== got[place])
    if (at === undefined) return []
    const path = `featureNames.${level}.${part}[${at}]`
    return [{ path, expected: expected[at] ?? 'no more', got: got[at] ?? 'nothing', fix }]
  })
}
