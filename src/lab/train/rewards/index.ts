/** @file What a learner is told that a query was worth. */
export {
  bandNames,
  bandOf,
  createPaperMultiplier,
  createViolationMultiplier,
  type Multiplier,
  paperMultiplier,
  violationMultiplier,
} from './multiplier.ts'
export { type RewardForm, type RewardTerms, rewardForms, rewardOf } from './reward.ts'
