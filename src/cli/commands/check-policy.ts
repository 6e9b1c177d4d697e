/** @file What `check` says of the policies that a config names: which would decide, what they are, whether they can be used. */
import { ConfigError, type JsonObject } from '../../core/index.ts'
import type { PolicySummary } from '../../lab/index.ts'
import type { PolicyConfig } from '../../serve/index.ts'
import { fingerprint, foreignPolicies, policyOf } from '../gateway/index.ts'

export interface PolicyCheck {
  readonly planner: string
  readonly executor: string
  readonly shadow: { readonly planner: string; readonly executor: string } | null
  /** Fingerprint of who decides, as answers carry it; null: it cannot be used. */
  readonly hash: string | null
  readonly files: readonly PolicySummary[]
  /** What is to be known of it, and keeps nothing from serving. */
  readonly warnings: readonly string[]
  /** Why it cannot be used; null: it can. */
  readonly problem: string | null
}

export function checkPolicy(config: PolicyConfig, served: Parameters<typeof foreignPolicies>[1]): PolicyCheck {
  const { planner, executor, shadow } = config
  const named = { planner, executor, shadow: shadow && { planner: shadow.planner, executor: shadow.executor } }
  try {
    const chosen = policyOf(config)
    return {
      ...named,
      hash: fingerprint(chosen.choice),
      files: chosen.files,
      warnings: foreignPolicies(chosen.files, served),
      problem: null,
    }
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    return { ...named, hash: null, files: [], warnings: [], problem: error.message }
  }
}

const shownHash = 12
const longestShown = 160

/** Verdict first, then what each file is. */
export function policyLines({
  planner,
  executor,
  shadow,
  hash,
  files,
  warnings,
  problem,
}: PolicyCheck): readonly string[] {
  if (problem !== null)
    return [`FAIL  policy: ${planner} and ${executor} cannot be used`, ...problem.split('\n').map(indent)]
  const beside = shadow ? `; ${shadow.planner} and ${shadow.executor} look on` : ''
  const kind = files.length === 0 ? ', training-free' : ''
  return [
    `ok    policy: ${planner} and ${executor}${kind} (${hash})${beside}`,
    ...[...files.map(fileLine), ...warnings].map(indent),
  ]
}

const indent = (line: string) => `      ${line}`

const fileLine = ({ name, kind, hash, trainedOn }: PolicySummary): string =>
  `${name}: learned by ${kind}, ${hash.slice(0, shownHash)}; trained on ${said(trainedOn)}`

function said(trainedOn: JsonObject): string {
  const parts = Object.entries(trainedOn).map(([name, value]) =>
    typeof value === 'object' ? `${name} ${JSON.stringify(value)}` : `${name} ${String(value)}`,
  )
  const text = parts.join(', ') || 'nothing that is said'
  return text.length > longestShown ? `${text.slice(0, longestShown - 3)}...` : text
}
