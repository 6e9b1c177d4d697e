/**
 * @file Joins a pool of engines and the gateway into the program that serves.
 *
 * The one place where wings meet: engines over HTTP, the world around them, records, and the HTTP face. Demo and serve
 * differ only in where their engines come from.
 */
import { createWallClock, keyedRandom, type ProfilePrior, type TraceSink } from '../../core/index.ts'
import {
  createFileTrace,
  createMemoryTrace,
  createQuery,
  fanOut,
  type MemoryTrace,
  type QueryRequest,
  restrictState,
} from '../../flow/index.ts'
import { buildWorld, createRunIds, type PolicyChoice, type PolicySummary, type World } from '../../lab/index.ts'
import type { ModelTier } from '../../policy/index.ts'
import type { HttpEngine } from '../../pool/index.ts'
import { type Config, createGateway, type Gateway, type GatewayLogger } from '../../serve/index.ts'
import { createTopologyBook } from '../../team/index.ts'
import { type LostPolicy, policyOf } from './policy-of.ts'
import { PolicyTally } from './policy-tally.ts'
import { partsForRestart, reloadedConfig } from './reload.ts'
import { createServingPolicies, type ServingPolicies } from './serving-policies.ts'

export interface GatewayStart {
  readonly config: Config
  readonly engines: readonly HttpEngine[]
  /** Configured slots of a replica; null: as it reports. */
  readonly slots: (replica: string) => number | null
  /** Likewise the KV size and the longest prompt plus output, in tokens. */
  readonly kvTokens?: (replica: string) => number | null
  readonly contextTokens?: (replica: string) => number | null
  readonly prior: ProfilePrior
  readonly tiers: Readonly<Partial<Record<string, ModelTier>>>
  readonly policy: PolicyChoice
  /** Looks on. Default: nobody. */
  readonly shadow?: PolicyChoice | null
  /** What of the config's policies could not be used. Default: nothing. */
  readonly lost?: readonly LostPolicy[]
  readonly seed: number
  /** Hears every finished run, beside the records. */
  readonly sinks: readonly TraceSink[]
  /** Null: records stay in memory. */
  readonly recordsDirectory: string | null
  readonly isSimulated: boolean
  readonly logger: GatewayLogger
}

export interface OpenGateway {
  readonly url: string
  readonly world: World
  readonly records: MemoryTrace
  /** Takes up what may change of `config`, all or nothing. Throws ConfigError where it cannot be used; then nothing changes. */
  reload(config: Config): Reloaded
  /** Lets what runs finish for `drainMs`, then stops. True: everything finished by itself. */
  close(drainMs: number): Promise<boolean>
}

export interface Reloaded {
  /** Fingerprint of the policies that serve now. */
  readonly hash: string
  /** Policy files in use now. */
  readonly files: readonly PolicySummary[]
  /** Parts of the config that differ and wait for the next start. */
  readonly waiting: readonly string[]
}

/** Finished runs kept for `/v1/runs/{id}`. */
const keptRuns = 2000
const fallbackBudgetMs = 30_000

export async function openGateway(start: GatewayStart): Promise<OpenGateway> {
  const { config, engines } = start
  const clock = createWallClock()
  const records = createMemoryTrace({ keep: keptRuns })
  const files = openRecordFiles(start, clock)
  const byReplica = new Map(engines.map((engine) => [engine.id, engine]))
  const tally = new PolicyTally(clock, start.logger)
  for (const lost of start.lost ?? []) tally.lost(lost)
  const topologies = createTopologyBook()
  const policies = createServingPolicies(
    { choice: start.policy, shadow: start.shadow ?? null },
    { models: [...new Set(engines.map(({ model }) => model))], prior: start.prior, tiers: start.tiers, topologies },
    tally,
  )
  const world = buildWorld({
    clock,
    engines,
    prior: start.prior,
    tiers: start.tiers,
    policy: start.policy,
    wrapPolicies: () => policies.set,
    topologies,
    trace: fanOut([records, ...(files ? [files] : []), ...start.sinks]),
    random: keyedRandom(start.seed, 'dispatch'),
    createRunId: createRunIds(start.seed),
    slots: start.slots,
    kvTokens: start.kvTokens ?? (() => null),
    contextTokens: start.contextTokens ?? (() => null),
    // N gateways without a shared store each use 1/N of an engine.
    share: 1 / config.gateways,
    maxWaiting: config.limits.waiting,
  })
  await world.monitor.pollOnce()
  world.monitor.start()
  world.warmUp()
  const live: Live = { config }
  const gateway = await createGateway(gatewayDeps(start, { world, records, byReplica, policies, tally, live }))
  const { url } = await gateway.listen(config.listen)
  return {
    url,
    world,
    records,
    reload: (next) => reload(next, { live, policies, tally }),
    close: (drainMs) => closeAll({ gateway, world, engines, files, tally }, drainMs),
  }
}

/** The config as it stands now. */
interface Live {
  config: Config
}

function reload(
  next: Config,
  parts: { readonly live: Live; readonly policies: ServingPolicies; readonly tally: PolicyTally },
): Reloaded {
  const { live, policies, tally } = parts
  const inEffect = reloadedConfig(live.config, next)
  let files: readonly PolicySummary[]
  try {
    // A policy that serves is not given up for one that cannot: `strict` or not.
    const chosen = policyOf(inEffect.policy)
    policies.use(chosen)
    files = chosen.files
  } catch (error) {
    tally.reloaded('refused')
    throw error
  }
  const waiting = partsForRestart(live.config, next)
  live.config = inEffect
  tally.reloaded('applied')
  return { hash: policies.hash, files, waiting }
}

function gatewayDeps(
  { config, isSimulated, logger }: GatewayStart,
  parts: {
    readonly world: World
    readonly records: MemoryTrace
    readonly byReplica: ReadonlyMap<string, HttpEngine>
    readonly policies: ServingPolicies
    readonly tally: PolicyTally
    readonly live: Live
  },
): Parameters<typeof createGateway>[0] {
  const { world, records, byReplica, policies, tally, live } = parts
  return {
    clock: world.clock,
    runtime: world.runtime,
    cluster: () => world.state(),
    engineModels: () => world.state().models.map(({ model, contextTokens }) => ({ model, contextTokens })),
    get virtualModels() {
      return live.config.virtualModels
    },
    topologies: createTopologyBook().ids,
    get defaultBudgetMs() {
      return defaultBudgetMs(live.config)
    },
    relay: (replica, request, signal) => engineOf(byReplica, replica).relay(request, signal),
    relayPriority: (replica, deadlineAtMs) => engineOf(byReplica, replica).priorityFor(deadlineAtMs),
    runs: { find: (runId) => (runId === 'last' ? records.last() : records.find(runId)) },
    isReady: () => world.state().models.some(({ isUsable }) => isUsable),
    keys: config.keys,
    limits: config.limits,
    get policyHash() {
      return policies.hash
    },
    policy: () => ({
      planner: policies.set.planner.name,
      executor: policies.set.executor.name,
      hash: policies.hash,
      ...tally.status(),
    }),
    predictP95Ms: (request) => predictP95Ms(request, { world, policies }),
    logger,
    simulated: isSimulated,
  }
}

function defaultBudgetMs({ virtualModels }: Config): number {
  const budgetMs = virtualModels.get('inframind')?.budgetMs
  return typeof budgetMs === 'number' ? budgetMs : fallbackBudgetMs
}

function predictP95Ms(
  request: QueryRequest,
  { world, policies }: { readonly world: World; readonly policies: ServingPolicies },
): number | null {
  const allowed = request.allowedModels && new Set(request.allowedModels)
  return policies.predictP95Ms(createQuery(request, request.runId ?? 'run_auto'), restrictState(world.state(), allowed))
}

/** The dispatcher names only replicas that were handed to it. */
const engineOf = (engines: ReadonlyMap<string, HttpEngine>, replica: string): HttpEngine =>
  engines.get(replica) as HttpEngine

function openRecordFiles({ recordsDirectory, config, logger }: GatewayStart, clock: World['clock']) {
  if (recordsDirectory === null) return null
  return createFileTrace({
    directory: recordsDirectory,
    keepMs: config.records.keepMs,
    clock,
    onError: (error) => logger.error({ error: error.message }, 'run records are no longer written'),
  })
}

async function closeAll(
  open: {
    readonly gateway: Gateway
    readonly world: World
    readonly engines: readonly HttpEngine[]
    readonly files: ReturnType<typeof createFileTrace> | null
    readonly tally: PolicyTally
  },
  drainMs: number,
): Promise<boolean> {
  const isDrained = await open.gateway.close({ drainMs })
  open.world.monitor.stop()
  await Promise.all(open.engines.map((engine) => engine.close()))
  open.files?.close()
  open.tally.flush()
  return isDrained
}
