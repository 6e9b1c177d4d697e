/** @file The learners, by name. */
import { ppo, ppoPaper } from './ppo.ts'
import type { LearnerRecipe } from './recipe.ts'
import { residual } from './residual.ts'

export const recipes = { residual, ppo, 'ppo-paper': ppoPaper } satisfies Record<string, LearnerRecipe>
export type LearnerName = keyof typeof recipes
export { createLevelLearners, type LevelLearnersOptions } from './level-learners.ts'
export type { LearnerRecipe } from './recipe.ts'
