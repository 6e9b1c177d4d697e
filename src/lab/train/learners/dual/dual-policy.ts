/**
 * @file What the learner `dual` leaves behind: a few dozen numbers per pool, as plain JSON.
 *
 * Shipped as `policies/dual.json`, fitted to training questions in the twin of `paper-b200`; every part says so.
 */
import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { ConfigError } from '../../../../core/index.ts'
import { priceStartSchema, teamRulesSchema } from '../../../../policy/index.ts'

export const dualSchemaId = 'inframind.dual/1'

export const dualPolicySchema = z.strictObject({
  schema: z.literal(dualSchemaId),
  tag: z.literal('fitted'),
  source: z.string().min(1),
  teamRules: teamRulesSchema,
  /** Of the pool that it was fitted for; quality points per slot-second. */
  prices: priceStartSchema,
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
