/** @file `inframind demo`: the whole product on a laptop, with an embedded simulated pool. */
import type { Command } from 'commander'
import { pino } from 'pino'
import { createWallClock } from '../../core/index.ts'
import { defaultPolicy, loadProfile, scalePrior } from '../../lab/index.ts'
import { createSyntheticQuestions, type Question, syntheticDatasets } from '../../lab/questions/index.ts'
import { createHttpEngine } from '../../pool/index.ts'
import { configFromEngines } from '../../serve/index.ts'
import { startTwinEngines, stopTwinEngines, type TwinEngine } from '../engines/index.ts'
import { type OpenGateway, openGateway, untilStopped } from '../gateway/index.ts'
import { startBackgroundLoad } from '../load/index.ts'
import {
  commandName,
  curlLine,
  numberFlag,
  numberListFlag,
  type Output,
  RunTally,
  startLiveView,
} from '../terminal/index.ts'

interface DemoOptions {
  readonly port: number
  readonly rate?: number
  readonly budgets: readonly number[]
  readonly timeScale: number
  readonly seed: number
  readonly profile: string
}

/** Questions of each synthetic set whose answers the simulated models hold: all that a benchmark asks (`bench --live`). */
const questionsPerSet = 600
const drainMs = 5000

export function addDemoCommand(program: Command, output: Output): void {
  program
    .command('demo')
    .description('run the gateway with an embedded simulated pool: no GPU, key or download')
    .option(
      '--port <port>',
      'port of the gateway, 0 for any free one',
      numberFlag({ min: 0, max: 65_535, whole: true }),
      8080,
    )
    .option('--rate <per-minute>', 'background load in queries per minute', numberFlag({ min: 0.1, max: 6000 }))
    .option('--budgets <seconds>', 'budgets of the background load, in seconds', numberListFlag, [10, 30, 60])
    .option('--time-scale <factor>', 'simulated seconds per second', numberFlag({ min: 0.1, max: 100 }), 1)
    .option(
      '--seed <number>',
      'seed of questions, answers and load',
      numberFlag({ min: 0, max: 2 ** 31, whole: true }),
      1,
    )
    .option('--profile <name|path>', 'the pool to simulate', 'paper-b200')
    .action((options: DemoOptions) => runDemo(options, output))
}

async function runDemo(options: DemoOptions, output: Output): Promise<void> {
  const profile = loadProfile(options.profile)
  const { seed, timeScale } = options
  const questions = syntheticDatasets.flatMap((dataset) =>
    createSyntheticQuestions({ dataset, count: questionsPerSet, seed }),
  )
  const twins = await startTwinEngines({ profile, questions, seed, timeScale, firstPort: 0 })
  const tally = new RunTally()
  const slots = new Map(Object.entries(profile.models).map(([model, machine]) => [`${model}#1`, machine.slots.value]))
  const open = await openDemoGateway(options, { twins, tally, slots, prior: scalePrior(profile.prior, timeScale) })
  announce(open, { output, questions, timeScale })
  const load =
    options.rate === undefined
      ? null
      : startBackgroundLoad({
          url: open.url,
          clock: createWallClock(),
          questions,
          ratePerMinute: options.rate,
          budgetsMs: options.budgets.map((seconds) => seconds * 1000),
          seed,
        })
  const view = startLiveView(output, () => ({
    state: open.world.state(),
    tally,
    url: open.url,
    ratePerMinute: options.rate ?? null,
    isSimulated: true,
    columns: output.columns,
  }))
  await untilStopped()
  view.stop()
  output.note('stopping: waiting for queries under way (Ctrl-C again to quit at once)')
  await load?.stop()
  await open.close(drainMs)
  await stopTwinEngines(twins)
}

function openDemoGateway(
  { port, seed }: DemoOptions,
  parts: {
    readonly twins: readonly TwinEngine[]
    readonly tally: RunTally
    readonly slots: ReadonlyMap<string, number>
    readonly prior: ReturnType<typeof scalePrior>
  },
): Promise<OpenGateway> {
  const clock = createWallClock()
  const engines = parts.twins.map(({ model, url }) =>
    createHttpEngine({
      id: `${model}#1`,
      model,
      servedModel: model,
      url,
      dialect: 'vllm',
      clock,
      acceptsPriority: true,
      slots: null,
    }),
  )
  const config = configFromEngines(parts.twins.map(({ url }) => url))
  return openGateway({
    config: { ...config, listen: { host: '127.0.0.1', port } },
    engines,
    // vLLM does not publish its slots: they are configured, as with real engines.
    slots: (replica) => parts.slots.get(replica) ?? null,
    prior: parts.prior,
    tiers: {},
    policy: defaultPolicy,
    seed,
    sinks: [parts.tally],
    recordsDirectory: null,
    isSimulated: true,
    logger: pino({ level: 'error' }, pino.destination(2)),
  })
}

/** The ready line, and two requests that differ only in their budget. */
function announce(
  open: OpenGateway,
  {
    output,
    questions,
    timeScale,
  }: { readonly output: Output; readonly questions: readonly Question[]; readonly timeScale: number },
): void {
  const question = questions.find(({ level, dataset }) => dataset === 'synthetic-math' && level === 3) as Question
  output.line(`inframind ready on ${open.url}`)
  output.line()
  output.line(
    `The pool is simulated${timeScale === 1 ? '' : ` at ${timeScale} times real speed`}. Ask it the same question with 2 s and with 60 s:`,
  )
  output.line()
  for (const budgetMs of [2000, 60_000]) output.line(`${curlLine(open.url, question.text, budgetMs)}\n`)
  output.line(`Then ask why: ${commandName()} explain last${open.url.endsWith(':8080') ? '' : ` --url ${open.url}`}`)
  output.line()
}
