/**
 * @file What the learner `dual` leaves behind: a few dozen numbers per pool, as plain JSON.
 *
 * Shipped as `policies/dual.json`, fitted to training questions in the twin of `paper-b200`; every part says so.
 */
import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { ConfigError } from '../../../../core/index.ts'

export const dualSchemaId = 'inframind.dual/1'

const chance = z.number().min(0).max(1)
const mergeRules = z.strictObject({ kept: chance, picks: chance, picksByAbility: chance, invents: chance })

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
  diversity: z.number().nonnegative().exactOptional(),
})

const priceStart = z.strictObject({
  ratesPerMinute: z.array(z.number().positive()).min(1).readonly(),
  pricePerSlotSecond: z.record(z.string(), z.array(z.number().nonnegative()).min(1).readonly()).readonly(),
})

export const dualPolicySchema = z.strictObject({
  schema: z.literal(dualSchemaId),
  tag: z.literal('fitted'),
  source: z.string().min(1),
  teamRules: z.strictObject({ math: domainRules, code: domainRules, knowledge: domainRules, general: domainRules }),
  /** Of the pool that it was fitted for; quality points per slot-second. */
  prices: priceStart,
})

export type DualPolicy = z.infer<typeof dualPolicySchema>

const shippedFile = new URL('../../../../../policies/dual.json', import.meta.url)

let shipped: DualPolicy | null = null

/** The one that comes with the package; read once. Throws ConfigError where it is damaged. */
export function shippedDual(): DualPolicy {
  shipped ??= parseDual(JSON.parse(readFileSync(shippedFile, 'utf8')), 'policies/dual.json')
  return shipped
}

/** Throws ConfigError; `source` names the file. */
export function parseDual(data: unknown, source: string): DualPolicy {
  const parsed = dualPolicySchema.safeParse(data)
  if (parsed.success) return parsed.data
  throw new ConfigError(
    parsed.error.issues.map((issue) => ({
      path: issue.path.join('.') || '(top)',
      expected: issue.message,
      got: 'something else',
      fix: 'Fit it again: inframind train --learner dual.',
    })),
    source,
  )
}
