/** @file `inframind serve`: the gateway in front of real engines. */
import type { Command } from 'commander'
import { type Logger, pino } from 'pino'
import { createWallClock } from '../../core/index.ts'
import { loadProfile, type PolicySummary } from '../../lab/index.ts'
import { listEngines, openEngines, statedTiers } from '../engines/index.ts'
import {
  catchHangUps,
  foreignPolicies,
  type HangUps,
  type OpenGateway,
  openGateway,
  policyOrTrainingFree,
  untilStopped,
} from '../gateway/index.ts'
import { numberFlag, type Output } from '../terminal/index.ts'
import {
  addPoolFlags,
  addProfileFlag,
  type PoolOptions,
  type ProfileOption,
  profileName,
  readPoolFlags,
} from './config-flags.ts'

interface ServeOptions extends PoolOptions, ProfileOption {
  readonly seed: number
  readonly drain: number
}

export function addServeCommand(program: Command, output: Output): void {
  addProfileFlag(addPoolFlags(program.command('serve').description('run the gateway in front of your engines')))
    .option('--listen <host:port>', 'where to listen, instead of what the config says')
    .option('--drain <seconds>', 'how long to let queries finish when stopped', numberFlag({ min: 0, max: 3600 }), 30)
    .option('--seed <number>', 'seed of tie-breaks', numberFlag({ min: 0, max: 2 ** 31, whole: true }), 1)
    .action((options: ServeOptions) => runServe(options, output))
}

async function runServe(options: ServeOptions, output: Output): Promise<void> {
  const hangUps = catchHangUps()
  try {
    // Not released after it: the signal must not end the process before its last answer is out.
    await serveUntilStopped(options, output, hangUps)
  } catch (error) {
    hangUps.release()
    throw error
  }
}

async function serveUntilStopped(options: ServeOptions, output: Output, hangUps: HangUps): Promise<void> {
  const config = readPoolFlags(options)
  const { choice, shadow, files, lost } = policyOrTrainingFree(config.policy)
  const name = profileName(options, config)
  const profile = loadProfile(name)
  const clock = createWallClock()
  const listed = await listEngines(config.engines, clock)
  for (const { config: engine, probe, model } of listed) {
    if (!probe.isReachable) output.note(`${engine.url}: ${probe.reason}; it is used as soon as it answers`)
    else output.note(`${engine.url}: ${model} (${probe.dialect})`)
  }
  const engines = openEngines(listed, clock)
  const configOf = new Map(listed.map((engine) => [engine.replica, engine.config]))
  const logger = pino({ level: 'info' }, pino.destination(2))
  const open = await openGateway({
    config,
    engines,
    slots: (replica) => configOf.get(replica)?.slots ?? null,
    kvTokens: (replica) => configOf.get(replica)?.kvTokens ?? null,
    contextTokens: (replica) => configOf.get(replica)?.contextTokens ?? null,
    prior: profile.prior,
    tiers: statedTiers(listed),
    policy: choice,
    shadow,
    lost,
    seed: options.seed,
    sinks: [],
    recordsDirectory: config.records.dir,
    isSimulated: false,
    logger,
  })
  const warnOfForeign = (used: typeof files) => {
    for (const message of foreignPolicies(used, { profile, name })) logger.warn(message)
  }
  warnOfForeign(files)
  hangUps.listen(() => reload(open, options, { logger, warnOfForeign }))
  output.line(`inframind ready on ${open.url}`)
  await untilStopped()
  hangUps.ignore()
  output.note('stopping: waiting for queries under way (Ctrl-C again to quit at once)')
  await open.close(options.drain * 1000)
}

/** Reads the config again. One that cannot be used changes nothing: what serves goes on. */
function reload(
  open: OpenGateway,
  options: ServeOptions,
  { logger, warnOfForeign }: { readonly logger: Logger; warnOfForeign(files: readonly PolicySummary[]): void },
): void {
  try {
    const { hash, files, waiting } = open.reload(readPoolFlags(options))
    logger.info({ policy: hash }, 'configuration reloaded')
    warnOfForeign(files)
    if (waiting.length > 0) logger.warn({ parts: waiting }, 'these changes wait for the next start')
  } catch (error) {
    logger.error({ error: (error as Error).message }, 'configuration not reloaded: everything stays as it was')
  }
}
