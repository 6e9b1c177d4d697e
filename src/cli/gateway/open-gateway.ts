/**
 * @file Joins a pool of engines and the gateway into the program that serves.
 *
 * The one place where wings meet: engines over HTTP, the world around them, records, and the HTTP face. Demo and serve
 * differ only in where their engines come from.
 */
import { createWallClock, hashText, keyedRandom, type ProfilePrior, type TraceSink } from '../../core/index.ts'
import { createFileTrace, createMemoryTrace, fanOut, type MemoryTrace } from '../../flow/index.ts'
import { buildWorld, createRunIds, type PolicyChoice, type World } from '../../lab/index.ts'
import type { ModelTier } from '../../policy/index.ts'
import type { HttpEngine } from '../../pool/index.ts'
import { type Config, createGateway, type Gateway, type GatewayLogger } from '../../serve/index.ts'
import { createTopologyBook } from '../../team/index.ts'

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
  /** Lets what runs finish for `drainMs`, then stops. True: everything finished by itself. */
  close(drainMs: number): Promise<boolean>
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
  const world = buildWorld({
    clock,
    engines,
    prior: start.prior,
    tiers: start.tiers,
    policy: start.policy,
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
  const gateway = await createGateway(gatewayDeps(start, { world, records, byReplica }))
  const { url } = await gateway.listen(config.listen)
  return { url, world, records, close: (drainMs) => closeAll({ gateway, world, engines, files }, drainMs) }
}

function gatewayDeps(
  { config, policy, isSimulated, logger }: GatewayStart,
  parts: {
    readonly world: World
    readonly records: MemoryTrace
    readonly byReplica: ReadonlyMap<string, HttpEngine>
  },
): Parameters<typeof createGateway>[0] {
  const { world, records, byReplica } = parts
  return {
    clock: world.clock,
    runtime: world.runtime,
    cluster: () => world.state(),
    engineModels: () => world.state().models.map(({ model, contextTokens }) => ({ model, contextTokens })),
    virtualModels: config.virtualModels,
    topologies: createTopologyBook().ids,
    defaultBudgetMs: config.virtualModels.get('inframind')?.budgetMs ?? fallbackBudgetMs,
    relay: (replica, request, signal) => engineOf(byReplica, replica).relay(request, signal),
    relayPriority: (replica, deadlineAtMs) => engineOf(byReplica, replica).priorityFor(deadlineAtMs),
    runs: { find: (runId) => (runId === 'last' ? records.last() : records.find(runId)) },
    isReady: () => world.state().models.some(({ isUsable }) => isUsable),
    keys: config.keys,
    limits: config.limits,
    policyHash: `inframind-${hashText(JSON.stringify(policy)).toString(16).padStart(8, '0')}`,
    logger,
    simulated: isSimulated,
  }
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
  },
  drainMs: number,
): Promise<boolean> {
  const isDrained = await open.gateway.close({ drainMs })
  open.world.monitor.stop()
  await Promise.all(open.engines.map((engine) => engine.close()))
  open.files?.close()
  return isDrained
}
