/**
 * @file Team rules as they stand in files: what a learner fitted, read back.
 *
 * Strict: a rule that this version does not know would be left out of every decision without a word.
 */
import { z } from 'zod'
import type { DomainTeamRules, MergeRules, TeamRules } from './team-rules.ts'

const chance = z.number().min(0).max(1)

const mergeRules = z.strictObject({
  kept: chance,
  picks: chance,
  picksByAbility: chance,
  invents: chance,
} satisfies Record<keyof MergeRules, z.ZodType>)

const domainRules = z.strictObject({
  between: chance,
  within: chance,
  keep: chance,
  fix: chance,
  merge: mergeRules,
  mergeOfTexts: mergeRules,
  flashAdds: z.number().exactOptional(),
  wrongMeet: chance.exactOptional(),
  keepByAbility: z.number().exactOptional(),
  fixBase: chance.exactOptional(),
  selfReview: z.number().nonnegative().exactOptional(),
  debate: mergeRules.exactOptional(),
  mendsDebate: chance.exactOptional(),
  cutsAbstain: z.boolean().exactOptional(),
  diversity: z.number().nonnegative().exactOptional(),
} satisfies Record<keyof DomainTeamRules, z.ZodType>)

export const teamRulesSchema: z.ZodType<TeamRules> = z.strictObject({
  math: domainRules,
  code: domainRules,
  knowledge: domainRules,
  general: domainRules,
})
