/** @file `inframind train`: a policy learnt in the twin of a pool, from options to the files that serve. */
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { type Command, Option } from 'commander'
import { ConfigError, createWallClock } from '../../core/index.ts'
import { beginsAnew, writeWhole } from '../../lab/bench/index.ts'
import { loadPolicy, loadProfile } from '../../lab/index.ts'
import { questionSets, syntheticDatasets } from '../../lab/questions/index.ts'
import {
  ablate,
  checkTrainOptions,
  fitDual,
  type LearnerName,
  makeFolder,
  recipes,
  type TrainedWeights,
  type TrainOptions,
  train,
  trainAblations,
  writePolicy,
} from '../../lab/train/index.ts'
import { untilStopped } from '../gateway/index.ts'
import { listFlag, numberFlag, type Output, trainProgress } from '../terminal/index.ts'
import { type BaselineLearner, baselineLearners, isBaselineLearner, trainBaseline } from './train-baseline.ts'

interface TrainFlags {
  readonly profile: readonly string[]
  readonly data?: string
  readonly datasets: readonly string[]
  readonly learner: LearnerName | 'dual' | BaselineLearner
  readonly epochs: number
  readonly twins: number
  readonly hidden: number
  readonly judgeEvery: number
  readonly teams: string
  readonly from?: string
  readonly startPrices?: boolean
  readonly reading?: boolean
  readonly foreign: number
  readonly ablate: readonly string[]
  readonly seed: number
  readonly jobs: number
  readonly out: string
  readonly json?: boolean
}

const whole = (min: number, max: number) => numberFlag({ min, max, whole: true })

export function addTrainCommand(program: Command, output: Output): void {
  program
    .command('train')
    .description('learn a policy in the twin of a pool; stopped at any moment, the same command goes on')
    .option(
      '--profile <list>',
      'the pool to train for, then pools to meet beside it; there random:8 is eight random ones',
      listFlag,
      ['paper-b200'],
    )
    .option('--data <dir>', 'folder of published question sets; without it synthetic questions are asked')
    .option('--datasets <list>', 'sets, or mixed', listFlag, syntheticDatasets)
    .addOption(
      new Option('--learner <name>', 'how to learn')
        .choices(['dual', ...Object.keys(recipes), ...baselineLearners])
        .default('residual'),
    )
    .option('--epochs <count>', 'epochs', whole(1, 1_000_000), 200)
    .option('--twins <count>', 'twins of an epoch', whole(1, 4096), 32)
    .option('--hidden <count>', 'width of the networks', whole(2, 1024), 32)
    .option('--judge-every <count>', 'epochs between two looks at validation questions', whole(1, 1_000_000), 20)
    .option('--teams <name|path>', 'the policy whose fitted team rules are the base', 'dual')
    .option('--from <name|path>', 'the learned policy whose weights to start from')
    .option('--start-prices', 'start from the prices of that policy, which go by the names of its models')
    .option('--reading', 'read quality and length off the text of each question, where the pool was graded')
    .option('--foreign <share>', 'share of twins on the pools beside the first', numberFlag({ min: 0, max: 1 }), 0.3)
    .option('--ablate <list>', `parts to leave out: ${trainAblations.join(', ')}`, listFlag, [])
    .option('--seed <number>', 'of everything that is drawn', whole(0, 2 ** 31), 1)
    .option('--jobs <count>', 'worker threads; the weights do not depend on it', whole(1, 256), availableParallelism())
    .option('--out <dir>', 'folder of policy, log and checkpoint', './policy')
    .option('--json', 'print the result as JSON')
    .action((flags: TrainFlags) => {
      const { learner } = flags
      if (isBaselineLearner(learner)) return trainBaseline(flags, learner, output)
      return learner === 'dual' ? fitRules(flags, output) : learn(flags, learner, output)
    })
}

async function learn(flags: TrainFlags, learner: LearnerName, output: Output): Promise<void> {
  const options = toOptions(flags, learner)
  checkTrainOptions(options)
  const clock = createWallClock()
  const stop = new AbortController()
  void untilStopped().then(() => stop.abort())
  const trained = await train(options, {
    out: flags.out,
    jobs: flags.jobs,
    signal: stop.signal,
    nowMs: () => clock.nowMs(),
    onProgress: trainProgress(output),
  })
  if (trained === null) {
    output.note(`stopped; ${flags.out} holds the training, and the same command goes on from there`)
    process.exitCode = 1
    return
  }
  const { best, judgement, shape } = trained
  writePolicy(flags.out, {
    kind: learner === 'residual' ? 'residual' : 'ppo',
    shape,
    weights: best,
    profile: loadProfile(flags.profile[0] as string),
    seed: flags.seed,
    trainedOn: trainedOn(flags, best.epoch),
    judgement,
  })
  if (flags.json) output.line(JSON.stringify(judgement, null, 1))
  else
    output.line(
      `${flags.out}/policy.json: ${(100 * judgement.correctGoodput).toFixed(1)} % right in time on validation questions (simulated), epoch ${best.epoch + 1}`,
    )
}

function toOptions(flags: TrainFlags, learner: LearnerName): TrainOptions {
  const { teams, prices } = loadPolicy(flags.teams).specs
  const whole: TrainOptions = {
    learner,
    ground: { profiles: flags.profile, data: flags.data ?? null, datasets: flags.datasets },
    scenarios: { foreignShare: flags.profile.length > 1 ? flags.foreign : 0 },
    epochs: flags.epochs,
    twins: flags.twins,
    hidden: flags.hidden,
    seed: flags.seed,
    judgeEvery: flags.judgeEvery,
    shape: {
      readsQuestions: flags.reading ?? false,
      ...(teams.teamRules ? { teamRules: teams.teamRules } : {}),
      ...(flags.startPrices && prices ? { prices } : {}),
    },
  }
  const options = flags.ablate.reduce(ablate, whole)
  return flags.from ? { ...options, from: weightsOf(flags.from, options, flags.ablate) } : options
}

/** Weights of a policy that lacks the same parts and scores as this training does: over the base at its temperature, or from scratch. */
function weightsOf(name: string, { learner, change }: TrainOptions, ablate: readonly string[]): TrainedWeights {
  const { specs, summary } = loadPolicy(name)
  const { planner, executor } = specs
  const refuse = (expected: string, got: string, fix: string) =>
    new ConfigError([{ path: '--from', expected, got, fix }], 'the command line')
  const lacking = [summary.trainedOn['withoutParts'] ?? []].flat()
  if ([...lacking].sort().join() !== [...ablate].sort().join())
    throw refuse(
      'a policy that was trained with and without the same parts',
      `${name}, trained ${lacking.length > 0 ? `without ${lacking.join(', ')}` : 'whole'}`,
      lacking.length > 0 ? `Give --ablate ${lacking.join(',')}, or start from another policy.` : 'Leave --ablate out.',
    )
  const { temperature } = { ...recipes[learner], ...change }
  const isLearned = typeof planner === 'object' && planner.kind === 'learned' && typeof executor === 'object'
  if (isLearned && executor.kind === 'learned' && planner.temperature === temperature)
    return { planner: planner.parameters, executor: executor.parameters }
  throw refuse(
    `a policy learnt by ${learner}`,
    `${name}, which is none`,
    'Start from a policy of the same learner: residual from residual, ppo from ppo.',
  )
}

const trainedOn = ({ profile, datasets, learner, epochs, twins, teams, from, ablate }: TrainFlags, best: number) => ({
  profiles: [...profile],
  datasets: [...datasets],
  part: 'train',
  learner,
  epochs,
  twins,
  teams,
  bestEpoch: best + 1,
  ...(from ? { from } : {}),
  ...(ablate.length > 0 ? { withoutParts: [...ablate] } : {}),
})

/** `dual` is fitted, not trained: some twenty seconds, and no checkpoint. */
async function fitRules({ profile, data, datasets, seed, out, json }: TrainFlags, output: Output): Promise<void> {
  const sets = [...questionSets({ folder: data ?? null, datasets, seed: 1 }).values()].flatMap(({ members }) => members)
  const distinct = sets.filter(({ train: own }, index) => sets.findIndex((other) => other.train === own) === index)
  makeFolder(out)
  const { policy, report } = await fitDual({
    profile: loadProfile(profile[0] as string),
    sets: distinct.map((parts) => parts.train),
    heldOut: distinct.flatMap((parts) => parts.validation),
    seed,
  })
  const path = join(out, 'dual.json')
  writeWhole(path, `${JSON.stringify(policy, null, 1)}\n`, { fix: beginsAnew })
  if (json) output.line(JSON.stringify(report, null, 1))
  else output.line(`${path}: rules of ${report.played} graded plays of teams`)
}
