/** @file Whether a training can be had as it is asked for. */
import { ConfigError, type ConfigProblem } from '../../core/index.ts'
import { candidateScorerShapes, parameterCount } from '../../policy/index.ts'
import { scorerConfigOf } from './learners/actor-critic/index.ts'
import { type LearnerRecipe, recipes } from './learners/index.ts'
import { poolNames } from './scenarios/index.ts'
import type { TrainOptions } from './train-options.ts'

type Range = readonly [low: number, high: number]

/** Whether a network is tied to the pool that it is trained for. */
function isTied({ learner, change, shape }: TrainOptions): boolean {
  const recipe: LearnerRecipe = { ...recipes[learner], ...change }
  return Object.keys({ ...recipe.heads, ...shape?.heads }).length > 0
}

/** What our networks can be trained without seeing, and the paper's cannot. */
const hidesFeatures = ({ shape = {} }: TrainOptions): boolean =>
  shape.readsText === false || shape.seesOutcomes === false || shape.view !== undefined

/** Throws ConfigError naming every fault. */
export function checkTrainOptions(options: TrainOptions): void {
  const { epochs, twins, hidden, judgeEvery, ground } = options
  const problems: ConfigProblem[] = []
  const range = (path: string, value: number, [low, high]: Range) => {
    if (Number.isInteger(value) && value >= low && value <= high) return
    problems.push({ path, expected: `a whole number from ${low} to ${high}`, got: String(value), fix: 'Choose one.' })
  }
  range('--epochs', epochs, [1, 1_000_000])
  range('--twins', twins, [1, 4096])
  range('--hidden', hidden, [2, 1024])
  range('--judge-every', judgeEvery, [1, 1_000_000])
  if (ground.profiles.length === 0)
    problems.push({ path: '--profile', expected: 'a profile', got: 'none', fix: 'Name one: --profile paper-b200.' })
  if (isTied(options) && poolNames(ground.profiles).length > 1) {
    const fix = 'Name one profile: these networks have a place for each of its models.'
    problems.push({ path: '--profile', expected: 'one pool', got: ground.profiles.join(','), fix })
  }
  if (isTied(options) && hidesFeatures(options)) {
    const got = 'one that hides features, of networks that read the same whatever is hidden'
    const fix = 'Leave out no-text, no-outcomes, no-estimates and no-metrics.'
    problems.push({ path: '--ablate', expected: 'parts that these networks have', got, fix })
  }
  for (const level of ['planner', 'executor'] as const) {
    const given = options.from?.[level].length
    const own = parameterCount(candidateScorerShapes(scorerConfigOf(level, hidden)))
    if (given === undefined || (given === own && !isTied(options))) continue
    const fix = 'Start from a policy of the same kind and width (--hidden), or from none.'
    problems.push({ path: '--from', expected: `${own} weights of the ${level}`, got: String(given), fix })
  }
  if (ground.datasets.length === 0)
    problems.push({ path: '--datasets', expected: 'a set', got: 'none', fix: 'Name some: --datasets mixed.' })
  if (problems.length > 0) throw new ConfigError(problems, 'the command line')
}
