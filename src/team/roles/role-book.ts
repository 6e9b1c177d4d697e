/**
 * @file The roles that agents play, one YAML file per domain beside this file.
 *
 * A role is who an agent is told to be: its text, how important its step is, how notes from others reach it, and what it
 * hands on. The same name may stand in several domains with another text, but always with the same importance, since the
 * executor weighs a step by its role's name. Files are read and checked once, on first use.
 */
import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { z } from 'zod'
import { ConfigError, type Domain, domains, invariant, type RoleId, type RoleImportance } from '../../core/index.ts'

const line = z
  .string()
  .min(1)
  .regex(/^[^\n]*$/, 'a single line')
const roleName = z.string().regex(/^[A-Z][A-Za-z]{2,39}$/, 'letters only, in PascalCase')

const roleSchema = z.strictObject({
  name: roleName,
  description: line,
  /** Critical: its answer decides; support: it helps others; simple: it gives form. */
  importance: z.enum(['critical', 'support', 'simple']),
  /** How notes of others are shown to it: whole, as short results where there are any, or as programs. */
  aggregation: z.enum(['plain', 'hints', 'code']),
  /** An answer in the query's format, or notes for others. The last step of a plan always answers. */
  output: z.enum(['answer', 'notes']),
  /** Sampling temperature of steps that are not the last, 0-1. */
  temperature: z.number().min(0).max(1),
  text: line,
  /** What it is told when it goes over its own answer; a common text where absent. */
  secondStep: line.optional(),
})

const fileSchema = z.strictObject({
  domain: z.enum(domains),
  /** The role that merges answers. */
  aggregator: roleName,
  /** Default team, in order: who solves first. */
  lineUp: z.array(roleName).min(3),
  roles: z.array(roleSchema).min(4),
})

/** Fields as in the YAML files; texts are one line. */
export type Role = Readonly<z.infer<typeof roleSchema>>
export type Aggregation = Role['aggregation']

interface DomainRoles {
  readonly all: readonly Role[]
  readonly byName: ReadonlyMap<RoleId, Role>
  readonly lineUp: readonly RoleId[]
  readonly aggregator: RoleId
}

/** Checks one file's content. Throws ConfigError where it is not a role file or names a role that it lacks. */
export function parseRoleFile(text: string, source: string): DomainRoles & { readonly domain: Domain } {
  const parsed = fileSchema.safeParse(parse(text))
  if (!parsed.success) {
    const problems = parsed.error.issues.map(({ path, message }) => ({
      path: path.join('.') || '(top)',
      expected: message,
      got: 'something else',
      fix: 'See the other role files.',
    }))
    throw new ConfigError(problems, source)
  }
  const { domain, aggregator, lineUp, roles } = parsed.data
  const byName = new Map(roles.map((role) => [role.name, Object.freeze(role)]))
  const problems = [aggregator, ...lineUp]
    .filter((name) => !byName.has(name))
    .map((name) => ({ path: 'lineUp', expected: 'a role of this file', got: name, fix: 'Add it under roles.' }))
  if (byName.size < roles.length) {
    problems.push({ path: 'roles', expected: 'names used once', got: 'a name twice', fix: 'Rename one.' })
  }
  if (problems.length > 0) throw new ConfigError(problems, source)
  return { domain, aggregator, lineUp: Object.freeze(lineUp), all: Object.freeze(roles), byName }
}

interface Library {
  readonly byDomain: Readonly<Record<Domain, DomainRoles>>
  readonly importance: ReadonlyMap<RoleId, RoleImportance>
}

function readLibrary(): Library {
  const load = (domain: Domain) =>
    parseRoleFile(readFileSync(new URL(`${domain}.yaml`, import.meta.url), 'utf8'), `roles of ${domain}`)
  const byDomain = { math: load('math'), code: load('code'), knowledge: load('knowledge'), general: load('general') }
  const all = domains.flatMap((domain) => byDomain[domain].all)
  return { byDomain, importance: new Map(all.map(({ name, importance }) => [name, importance])) }
}

let library: Library | null = null
const roles = (): Library => {
  library ??= readLibrary()
  return library
}

/** All roles of a domain, in the order of its file. */
export const rolesOf = (domain: Domain): readonly Role[] => roles().byDomain[domain].all

/** The role of that name in `domain`, or in the first domain that has it. Throws `INVARIANT_VIOLATED` where none has. */
export function role(id: RoleId, domain: Domain): Role {
  const { byDomain } = roles()
  const own = byDomain[domain].byName.get(id)
  if (own) return own
  const other = domains.map((name) => byDomain[name].byName.get(id)).find((found) => found !== undefined)
  invariant(other, `no role is named ${id}`)
  return other
}

/** Importance goes with the name, whatever the domain. Throws `INVARIANT_VIOLATED` where no file has the role. */
export function importanceOf(id: RoleId): RoleImportance {
  const importance = roles().importance.get(id)
  invariant(importance, `no role is named ${id}`)
  return importance
}

/** The default team of `agents` roles: those who solve first; a larger team than the line-up starts it over. */
export function pickRoles(domain: Domain, agents: number): readonly RoleId[] {
  const { lineUp } = roles().byDomain[domain]
  return Array.from({ length: agents }, (_, index) => lineUp[index % lineUp.length] as RoleId)
}

/** The role that merges the answers of a team. */
export const aggregatorRoleOf = (domain: Domain): RoleId => roles().byDomain[domain].aggregator
