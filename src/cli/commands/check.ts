/** @file `inframind check`: are the engines there, what do they say of themselves, what will be assumed, who will decide. */
import type { Command } from 'commander'
import { createWallClock, type Profile } from '../../core/index.ts'
import { loadProfile } from '../../lab/index.ts'
import { assumePrior } from '../../policy/index.ts'
import { assumedSlots } from '../../pool/index.ts'
import type { Config } from '../../serve/index.ts'
import { type ListedEngine, listEngines } from '../engines/index.ts'
import type { Output } from '../terminal/index.ts'
import { checkPolicy, policyLines } from './check-policy.ts'
import {
  addPoolFlags,
  addProfileFlag,
  type PoolOptions,
  type ProfileOption,
  profileName,
  readPoolFlags,
} from './config-flags.ts'

interface CheckOptions extends PoolOptions, ProfileOption {
  readonly json?: boolean
}

/** What `check` says of one engine. */
export interface EngineCheck {
  readonly url: string
  readonly replica: string | null
  readonly model: string | null
  readonly isUsable: boolean
  readonly reason: string | null
  readonly dialect: string
  /** An INFRAMIND gateway answers there, not an engine. */
  readonly isGateway: boolean
  readonly slots: number | null
  readonly contextTokens: number | null
  readonly kvTokens: number | null
  readonly acceptsPriority: boolean | null
  readonly healthLatencyMs: number | null
  readonly missingMetrics: readonly string[]
  /** `profile`: the model is in it; `assumed`: from the tier or the parameter count in its name. */
  readonly prior: { readonly from: 'profile' | 'assumed'; readonly tier: string } | null
}

export function addCheckCommand(program: Command, output: Output): void {
  const command = program
    .command('check')
    .description('probe the engines of a config, read its policy, and say what was found')
  addProfileFlag(addPoolFlags(command))
    .option('--json', 'print JSON')
    .action(async (options: CheckOptions) => {
      const config = readPoolFlags(options)
      const name = profileName(options, config)
      const profile = loadProfile(name)
      const policy = checkPolicy(config.policy, { profile, name })
      const checks = await checkEngines(config, profile)
      if (options.json) output.line(JSON.stringify({ engines: checks, policy }, null, 2))
      else for (const line of [...checks.flatMap(checkLines), ...policyLines(policy)]) output.line(line)
      if (policy.problem !== null || checks.some(({ isUsable }) => !isUsable)) process.exitCode = 1
    })
}

async function checkEngines({ engines }: Config, { prior }: Profile): Promise<readonly EngineCheck[]> {
  const listed = await listEngines(engines, createWallClock())
  return listed.map((engine) => toCheck(engine, prior.models))
}

function toCheck(
  { config, probe, model, replica, dialect }: ListedEngine,
  known: ReturnType<typeof loadProfile>['prior']['models'],
): EngineCheck {
  const isUsable = probe.isReachable && probe.health === 'ok' && model !== null
  return {
    url: config.url,
    replica,
    model,
    isUsable,
    reason: isUsable ? null : (probe.reason ?? `health is ${probe.health}`),
    dialect,
    isGateway: probe.isGateway,
    slots: config.slots ?? probe.slots,
    contextTokens: config.contextTokens ?? probe.contextTokens,
    kvTokens: config.kvTokens ?? probe.kvTokens,
    acceptsPriority: probe.acceptsPriority,
    healthLatencyMs: probe.healthLatencyMs,
    missingMetrics: probe.missing,
    prior: model === null ? null : priorOf(model, config.tier, known),
  }
}

function priorOf(
  model: string,
  tier: 'small' | 'medium' | 'large' | null,
  known: ReturnType<typeof loadProfile>['prior']['models'],
): EngineCheck['prior'] {
  const entry = known[model]
  if (entry) return { from: 'profile', tier: entry.tier }
  return { from: 'assumed', tier: assumePrior(model, tier ?? undefined).tier }
}

/** A few lines per engine: verdict first, then what was found and what is missing. */
function checkLines(check: EngineCheck): readonly string[] {
  if (!check.isUsable) return [`FAIL  ${check.url}: ${check.reason}`]
  const say = (value: number | null, unit: string) => (value === null ? `${unit} unknown` : `${value} ${unit}`)
  const priority = { true: 'takes priorities', false: 'takes no priorities', null: 'priorities not known' }
  const lines = [
    `ok    ${check.url}: ${check.model} (${check.dialect})`,
    `      ${say(check.slots, 'slots')}, ${say(check.contextTokens, 'context tokens')}, ${say(check.kvTokens, 'KV tokens')}, ` +
      priority[`${check.acceptsPriority}`],
  ]
  if (check.prior?.from === 'assumed') {
    lines.push(`      not in the profile: assumed to be ${check.prior.tier}; set tier in the config, or give --profile`)
  }
  return [...lines, ...hints(check).map((hint) => `      ${hint}`)]
}

function hints({ isGateway, slots, dialect, missingMetrics }: EngineCheck): readonly string[] {
  if (isGateway) {
    return ['this is an INFRAMIND gateway: name the engines behind it, or every call is planned and queued twice']
  }
  const found: string[] = []
  if (slots === null) {
    const silent = dialect === 'vllm' ? 'vLLM' : 'the engine'
    found.push(`set slots in the config (${silent} does not publish it); ${assumedSlots} assumed`)
  }
  const metrics = missingMetrics.filter((name) => name !== 'slots')
  if (metrics.length > 0) found.push(`metrics missing: ${metrics.join(', ')}; own counts are used instead`)
  return found
}
