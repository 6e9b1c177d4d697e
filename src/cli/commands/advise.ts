/** @file `inframind advise`: which of these models, how many replicas of each, for this traffic and these GPUs. */
import { type Command, InvalidArgumentError } from 'commander'
import {
  adviceText,
  advise,
  createTraffic,
  type Mix,
  readGraded,
  type TrafficDomain,
  trafficDomains,
  unknownModels,
  withModels,
} from '../../lab/advise/index.ts'
import { loadProfile } from '../../lab/index.ts'
import { listFlag, numberFlag, numberListFlag, type Output, rateListFlag } from '../terminal/index.ts'

interface AdviseFlags {
  readonly profile: string
  readonly models?: readonly string[]
  readonly gpus?: number
  readonly gpuMemoryGb?: number
  readonly rates: readonly number[]
  readonly budgets: readonly number[]
  readonly data?: string
  readonly datasets?: readonly string[]
  readonly mix?: Mix
  readonly maxReplicas: number
  readonly graded?: string
  readonly simulate?: boolean
  readonly minutes: number
  readonly seed: number
  readonly json?: boolean
}

const whole = (min: number, max: number) => numberFlag({ min, max, whole: true })

export function addAdviseCommand(program: Command, output: Output): void {
  program
    .command('advise')
    .description('which models to host and how many replicas of each, for a traffic and a number of GPUs')
    .option('--profile <name|path>', 'models, speeds and quality; must hold a truth', 'paper-b200')
    .option('--models <list>', 'the models to choose from (default: all of the profile)', listFlag)
    .option('--gpus <count>', 'GPUs to be filled (default: as many as the profile has)', whole(1, 64))
    .option(
      '--gpu-memory-gb <gb>',
      "memory of each, in GB (default: the profile's)",
      numberFlag({ min: 1, max: 10_000 }),
    )
    .option('--rates <list>', 'queries per minute; values are means over them', rateListFlag, [50])
    .option('--budgets <list>', 'seconds; each query has one of them', numberListFlag, [30])
    .option('--data <dir>', 'folder of published question sets; without it synthetic questions are asked')
    .option('--datasets <list>', 'sets of questions (default: all that there are)', listFlag)
    .option(
      '--mix <shares>',
      `shares of the domains, such as math=0.5,code=0.5; any of ${trafficDomains.join(', ')}`,
      mixFlag,
    )
    .option('--max-replicas <count>', 'most replicas of one model', whole(1, 64), 4)
    .option('--graded <file>', 'graded.jsonl of collect: how the real models err together')
    .option('--simulate', 'also play the pool and the best two configurations in the twin')
    .option('--minutes <number>', 'simulated time of it, for each rate', numberFlag({ min: 1, max: 1440 }), 30)
    .option('--seed <number>', 'of lengths, questions and arrivals', whole(0, 2 ** 31), 1)
    .option('--json', 'print all of it as JSON')
    .action((flags: AdviseFlags) => adviseOn(flags, output))
}

async function adviseOn(flags: AdviseFlags, output: Output): Promise<void> {
  const all = loadProfile(flags.profile)
  const profile = flags.models === undefined ? all : withModels(all, flags.models)
  const traffic = createTraffic({
    profile,
    data: flags.data ?? null,
    datasets: flags.datasets ?? null,
    mix: flags.mix ?? null,
    ratesPerMinute: flags.rates,
    budgetsMs: flags.budgets.map((seconds) => seconds * 1000),
    seed: flags.seed,
  })
  const graded = flags.graded === undefined ? null : readGraded(flags.graded)
  const strangers = unknownModels(graded ?? [], Object.keys(profile.models))
  if (strangers.length > 0)
    output.note(`${flags.graded}: answers of ${strangers.join(', ')} are left out: not in profile ${profile.id}`)
  const advice = await advise({
    profile,
    traffic,
    gpus: flags.gpus ?? null,
    gpuMemoryGb: flags.gpuMemoryGb ?? null,
    mostReplicas: flags.maxReplicas,
    graded,
    simulatedMinutes: flags.simulate ? flags.minutes : null,
    seed: flags.seed,
  })
  if (flags.json) output.line(JSON.stringify(advice, null, 1))
  else for (const line of adviceText(advice)) output.line(line)
}

/** `math=0.5,code=0.3`: weights of domains; they need not add up to 1. */
export function mixFlag(text: string): Mix {
  const entries = listFlag(text).map((part) => {
    const [domain, weight, ...rest] = part.split('=')
    const isKnown = trafficDomains.includes(domain as TrafficDomain)
    if (!isKnown || rest.length > 0 || !(Number(weight) > 0 && Number.isFinite(Number(weight))))
      throw new InvalidArgumentError(`Expected shares such as math=0.5,code=0.3,knowledge=0.2, got "${text}".`)
    return [domain, Number(weight)] as const
  })
  if (entries.length === 0) throw new InvalidArgumentError('Expected shares such as math=0.5,code=0.5, got none.')
  return Object.fromEntries(entries)
}
