/**
 * @file One number for all that the weights of a training depend on: options, recipe, pools, what the networks read.
 *
 * A checkpoint carries it: a training goes on only as what it was begun as. Threads and folders are not in it; neither are
 * the texts of question sets, which are known by their folder alone.
 */
import {
  armCandidateNames,
  planContextNames,
  stepContextNames,
  teamCandidateNames,
  teamTexts,
} from '../../policy/index.ts'
import { longHash } from '../bench/index.ts'
import { loadProfile } from '../profile-file.ts'
import { type LearnerRecipe, recipes } from './learners/index.ts'
import { poolNames } from './scenarios/index.ts'
import { scenariosOf, type TrainOptions } from './train-options.ts'

const features = [planContextNames, teamCandidateNames, stepContextNames, armCandidateNames]

/** Hexadecimal. Throws ConfigError for a profile that cannot be read. */
export function optionsHashOf(options: TrainOptions): string {
  const scenarios = scenariosOf(options)
  const { learner, ground } = options
  const { createMultiplier, ...recipe }: LearnerRecipe = { ...recipes[learner], ...options.change }
  const multiplier = [...createMultiplier().values]
  const pools = poolNames(ground.profiles).map(loadProfile)
  // What is read of teams counts where a head reads it: else the hash is what it was.
  const heads = { ...recipe.heads, ...options.shape?.heads }
  const texts = Object.keys(heads).length > 0 ? teamTexts().written : undefined
  return longHash(JSON.stringify({ options, recipe, multiplier, scenarios, features, pools, texts }))
}
