/**
 * @file What all twins of a training share: the pools, the training questions, and what policies may know of a pool.
 *
 * Only training questions are asked (validation ones where a learner is judged). Estimates are made on first use and kept:
 * grading five hundred questions costs some hundred milliseconds.
 */
import { ConfigError, type Profile, type ProfilePrior } from '../../../core/index.ts'
import { priorUnder } from '../../knowledge/index.ts'
import { loadProfile, requireTruth } from '../../profile-file.ts'
import { type PartName, type Question, type QuestionParts, questionSets } from '../../questions/index.ts'
import { poolNames } from './pool-names.ts'
import type { Scenario } from './scenario.ts'

export interface GroundOptions {
  /** As `loadProfile` takes them; the first is trained for. Beside it `random:N` stands for N random pools: see `poolNames`. */
  readonly profiles: readonly string[]
  /** Folder of published question sets; null: synthetic ones. */
  readonly data: string | null
  readonly datasets: readonly string[]
  /** Default: train. */
  readonly part?: PartName
  /** Whether priors hold a reading of questions, which costs a second or two each. Default false. */
  readonly readsQuestions?: boolean
}

export interface TrainingGround {
  readonly pools: readonly Profile[]
  asked(dataset: string): { readonly questions: readonly Question[]; readonly setSizes: readonly number[] }
  prior(scenario: Pick<Scenario, 'pool' | 'know' | 'knowSeed' | 'dataset'>): ProfilePrior
}

/** Throws ConfigError for data, sets or profiles that cannot be had, or that cannot be simulated. */
export function createTrainingGround(options: GroundOptions): TrainingGround {
  const { data, datasets, part = 'train', readsQuestions = false } = options
  const pools = poolNames(options.profiles).map(loadProfile)
  for (const pool of pools) requireTruth(pool)
  const sets = questionSets({ folder: data, datasets, seed: 1 })
  const membersOf = (dataset: string): readonly QuestionParts[] => {
    const set = sets.get(dataset)
    if (set) return set.members
    throw new ConfigError([
      {
        path: '--datasets',
        expected: `one of ${[...sets.keys()].join(', ')}`,
        got: dataset,
        fix: 'Name a loaded set.',
      },
    ])
  }
  const everyPart = new Map([...sets.values()].flatMap(({ members }) => members.map((parts) => [parts.train, parts])))
  const priors = new Map<string, ProfilePrior>()
  const makePrior = ({ pool, know, knowSeed, dataset }: Parameters<TrainingGround['prior']>[0]): ProfilePrior => {
    const own = membersOf(dataset)
    const kin = [...everyPart.values()].filter(({ train }) => own.every((parts) => parts.train !== train))
    const trains = (parts: readonly QuestionParts[]) => parts.map(({ train }) => train)
    const sets = { sets: trains(own), kin: trains(kin) }
    return priorUnder({ profile: pools[pool] as Profile, know, ...sets, seed: knowSeed, readsQuestions })
  }
  return {
    pools,
    asked: (dataset) => {
      const asked = membersOf(dataset).map((parts) => parts[part])
      return { questions: asked.flat(), setSizes: asked.map(({ length }) => length) }
    },
    prior: (scenario) => {
      const key = [scenario.pool, scenario.know, scenario.knowSeed, scenario.dataset].join('|')
      const prior = priors.get(key) ?? makePrior(scenario)
      priors.set(key, prior)
      return prior
    },
  }
}
