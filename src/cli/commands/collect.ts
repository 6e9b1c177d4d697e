/** @file `inframind collect`: measures a live pool, to calibrate a profile and predictors from. */
import { type Command, InvalidArgumentError } from 'commander'
import { type Clock, ConfigError, createScaledClock, createWallClock } from '../../core/index.ts'
import { openSandbox, type Sandbox } from '../../flow/index.ts'
import {
  type CollectOptions,
  type CollectPlan,
  type CollectSummary,
  collect,
  createLaterClock,
  loadSources,
  planCollection,
  type Source,
} from '../../lab/collect/index.ts'
import { loadProfile } from '../../lab/index.ts'
import { type ListedEngine, listEngines, openEngines, statedTiers } from '../engines/index.ts'
import { untilStopped } from '../gateway/index.ts'
import { collectProgress, listFlag, numberFlag, type Output, spell } from '../terminal/index.ts'
import { addPoolFlags, type PoolOptions, readPoolFlags } from './config-flags.ts'

interface CollectFlags extends PoolOptions {
  readonly out: string
  readonly prompts?: string
  readonly data?: string
  readonly datasets?: readonly string[]
  readonly workflows: number
  readonly maxAgents: number
  readonly replay?: number
  readonly background: readonly number[]
  readonly modelsAtOnce: number
  readonly minutes: number
  readonly maxTokens?: number
  readonly maxRequests?: number
  readonly plan?: boolean
  readonly profile: string
  readonly timeScale: number
  readonly seed: number
  readonly unsafeExec?: boolean
  readonly json?: boolean
}

const whole = (min: number, max: number) => numberFlag({ min, max, whole: true })

/** A comma list of numbers of concurrent requests. */
function levelsFlag(text: string): readonly number[] {
  const levels = listFlag(text).map(Number)
  const areLevels = levels.every((level) => Number.isInteger(level) && level >= 1 && level <= 1000)
  if (levels.length > 0 && areLevels) return [...new Set(levels)]
  throw new InvalidArgumentError(`Expected whole numbers of concurrent requests such as 1,10,50, got "${text}".`)
}

export function addCollectCommand(program: Command, output: Output): void {
  addPoolFlags(
    program
      .command('collect')
      .description('measure a live pool, to calibrate a profile from; prompts are kept word for word in --out'),
  )
    .option('--out <dir>', 'where measurements go; the same command goes on from what is there', './collected')
    .option('--prompts <file>', 'what to ask: one prompt a line, as text or JSON')
    .option('--data <dir>', 'folder of published question sets; their training parts are asked')
    .option('--datasets <list>', 'sets; without --data synthetic ones', listFlag)
    .option('--workflows <count>', 'workflows of phase 1', whole(1, 100_000), 40)
    .option('--max-agents <count>', 'agents of a team, at most', whole(1, 6), 4)
    .option('--replay <count>', 'prompts to replay in phase 2, at most; all without it', whole(1, 1_000_000))
    .option('--background <list>', 'concurrent requests on a model while prompts are replayed', levelsFlag, [1, 10, 50])
    .option('--models-at-once <count>', 'models under load at the same time', whole(1, 100), 1)
    .option('--minutes <number>', 'time to spend', numberFlag({ min: 0.01, max: 100_000 }), 60)
    .option('--max-tokens <count>', 'tokens to spend, prompts and answers', whole(1, 1e12))
    .option('--max-requests <count>', 'requests to spend', whole(1, 1e9))
    .option('--plan', 'only say how many calls and tokens it will take')
    .option('--profile <name|path>', 'what is known of the models beforehand', 'paper-b200')
    .option(
      '--time-scale <factor>',
      'simulated seconds per second, of a simulated pool',
      numberFlag({ min: 0.1, max: 100 }),
      1,
    )
    .option('--seed <number>', 'seed of teams, strategies and order', whole(0, 2 ** 31), 1)
    .option('--unsafe-exec', 'run programs of answers without containment where there is none')
    .option('--json', 'print the summary, or the plan, as JSON')
    .action((flags: CollectFlags) => runCollect(flags, output))
}

async function runCollect(flags: CollectFlags, output: Output): Promise<void> {
  const config = readPoolFlags(flags)
  const sources = loadSources({
    promptFile: flags.prompts ?? null,
    data: flags.data ?? null,
    datasets: flags.datasets ?? null,
    seed: flags.seed,
  })
  const all = await listEngines(config.engines, createWallClock())
  const listed = usableEngines(all, output)
  const { prior } = loadProfile(flags.profile)
  const options = toOptions(flags)
  const models = [...new Set(listed.flatMap(({ model }) => model ?? []))]
  const known = { sources, prior, tiers: statedTiers(listed) }
  const plan = planCollection(options, { ...known, models })
  if (flags.plan) {
    if (flags.json) output.line(JSON.stringify(plan, null, 1))
    else for (const line of describePlan(plan, options)) output.line(line)
    return
  }
  for (const line of describePlan(plan, options)) output.note(line)
  output.note(`${flags.out}: prompts and what is read in them are kept there word for word, for you alone to read`)
  const clock = createScaledClock(createLaterClock(createWallClock(), flags.out), flags.timeScale)
  const summary = await collectFrom({ flags, all, listed, clock, output }, { ...known, options })
  if (flags.json) output.line(JSON.stringify(summary, null, 1))
  else output.line(describeSummary(summary, flags.out))
  if (hasFailed(summary)) process.exitCode = 1
}

const hasFailed = ({ end, cells }: CollectSummary): boolean =>
  end === 'interrupted' || (end === 'incomplete' && cells === 0)

interface Terminal {
  readonly flags: CollectFlags
  /** Of the config. */
  readonly all: readonly ListedEngine[]
  /** Those that answer. */
  readonly listed: readonly ListedEngine[]
  readonly clock: Clock
  readonly output: Output
}

async function collectFrom(
  { flags, all, listed, clock, output }: Terminal,
  {
    options,
    ...known
  }: { readonly options: CollectOptions } & Pick<Parameters<typeof collect>[1], 'sources' | 'prior' | 'tiers'>,
): Promise<CollectSummary> {
  const engines = openEngines(listed, clock)
  const asked = Object.fromEntries(all.map(({ config, model }) => [withoutSecrets(config.url), model] as const))
  const configOf = new Map(listed.map((engine) => [engine.replica, engine.config]))
  const stop = new AbortController()
  void untilStopped().then(() => {
    output.note('stopping (Ctrl-C again to quit at once)')
    stop.abort()
  })
  try {
    return await collect(options, {
      ...known,
      out: flags.out,
      engines,
      clock,
      slots: (replica) => configOf.get(replica)?.slots ?? null,
      runner: await sandboxFor(known.sources, flags, output),
      signal: stop.signal,
      onProgress: collectProgress(output),
      onNote: (text) => output.note(text),
      asked,
      timeScale: flags.timeScale,
    })
  } finally {
    await Promise.all(engines.map((engine) => engine.close()))
  }
}

/** An URL as it may be written down. */
function withoutSecrets(url: string): string {
  const bare = new URL(url)
  bare.username = ''
  bare.password = ''
  bare.search = ''
  return bare.href
}

const toOptions = (flags: CollectFlags): CollectOptions => ({
  workflows: flags.workflows,
  maxAgents: flags.maxAgents,
  replay: flags.replay ?? null,
  levels: flags.background,
  modelsAtOnce: flags.modelsAtOnce,
  seed: flags.seed,
  maxMs: flags.minutes * 60_000 * flags.timeScale,
  maxTokens: flags.maxTokens ?? Infinity,
  maxRequests: flags.maxRequests ?? Infinity,
})

/** Those that can be measured; says of the others why not. Throws ConfigError where none is left. */
function usableEngines(listed: readonly ListedEngine[], output: Output): readonly ListedEngine[] {
  const faults = listed.map(({ config, probe, model }, index) => {
    const path = `engines[${index}].url`
    const fix = 'Start the engine, or correct its URL; `inframind check` says more.'
    if (probe.isGateway) {
      const expected = 'an engine, not a gateway'
      return {
        path,
        expected,
        got: config.url,
        fix: 'Name the engines behind it: load on a gateway is not load on a model.',
      }
    }
    const isUp = probe.isReachable && probe.health === 'ok' && model !== null
    const got = `${config.url}: ${probe.reason ?? (model === null ? 'it lists no model' : `health is ${probe.health}`)}`
    return isUp ? null : { path, expected: 'an engine that answers', got, fix }
  })
  const problems = faults.flatMap((fault) => fault ?? [])
  if (problems.length === listed.length) throw new ConfigError(problems, 'engines')
  for (const { got, expected } of problems) output.note(`left out: expected ${expected}, got ${got}`)
  return listed.filter((_, index) => faults[index] === null)
}

/** Null, with a word: programs go ungraded. */
async function sandboxFor(sources: readonly Source[], flags: CollectFlags, output: Output): Promise<Sandbox | null> {
  const needsOne = sources.some(({ question }) => question?.format === 'code' || question?.check?.kind === 'command')
  if (!needsOne) return null
  try {
    return await openSandbox({ unsafe: flags.unsafeExec ?? false })
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    output.note(`programs are not graded: ${error.problems[0]?.got ?? error.message}`)
    return null
  }
}

const count = (value: number): string => value.toLocaleString('en-US')

function describePlan(plan: CollectPlan, { levels }: CollectOptions): readonly string[] {
  const all = plan.workflowCalls + plan.cells + plan.backgroundCalls
  const tokens = plan.workflowTokens + plan.cellTokens + plan.backgroundTokens
  return [
    `phase 1: ${count(plan.workflows)} workflows, ${count(plan.workflowCalls)} calls, about ${count(plan.workflowTokens)} tokens`,
    `phase 2: ${count(plan.prompts)} prompts x 3 strategies x ${plan.models} models x ${levels.length} levels (${levels.join(', ')}) = ` +
      `${count(plan.cells)} calls, about ${count(plan.cellTokens)} tokens, and some ${count(plan.backgroundCalls)} calls to build the load up`,
    `in all: ${count(all)} calls, about ${count(tokens)} tokens; phase 2 takes some ${spell(plan.idleMs / 1000)} at the speed of idle engines`,
  ]
}

const ends: Readonly<Record<CollectSummary['end'], string>> = {
  complete: 'complete',
  incomplete: 'some replays could not be had; the same command tries them again',
  interrupted: 'stopped; the same command goes on from here',
  time: 'the time is used up; the same command goes on from here',
  tokens: 'the tokens are used up; the same command goes on from here',
  requests: 'the requests are used up; the same command goes on from here',
}

const describeSummary = (summary: CollectSummary, out: string): string =>
  `${summary.prompts} prompts and ${summary.cells} of ${summary.cellsWanted} replays in ${out}: ${ends[summary.end]}`
