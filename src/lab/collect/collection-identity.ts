/**
 * @file What must be the same when a collection goes on, as `collect.json` keeps it, and what differs where it is not.
 *
 * An engine that does not answer for a while has no model: it may come back, so only two known models can differ. Fields
 * that the file does not have (an older one) are taken from what is asked.
 */
import { z } from 'zod'
import { ConfigError, type ConfigProblem, type ModelId } from '../../core/index.ts'

export const collectSchemaId = 'inframind.collect/1'

export interface CollectionIdentity {
  readonly seed: number
  /** Of the questions that workflows are about, in order. */
  readonly questionsHash: string
  readonly maxAgents: number
  /** Simulated seconds per second. */
  readonly timeScale: number
  /** Model of every engine by its URL; null: not known. */
  readonly engines: Readonly<Record<string, ModelId | null>>
}

const written = z.object({
  schema: z.literal(collectSchemaId),
  seed: z.number(),
  questionsHash: z.string(),
  maxAgents: z.number().optional(),
  timeScale: z.number().optional(),
  engines: z.record(z.string(), z.string().nullable()).optional(),
})

const flags = {
  seed: '--seed',
  questionsHash: '--prompts, --data or --datasets',
  maxAgents: '--max-agents',
  timeScale: '--time-scale',
} as const

/** `found`, completed with what is asked. Throws ConfigError that says what differs. `path`: of the file. */
export function mergeIdentity(found: string, asked: CollectionIdentity, path: string): CollectionIdentity {
  const kept = parse(found, path)
  const problems = Object.entries(flags).flatMap(([name, flag]): readonly ConfigProblem[] => {
    const key = name as keyof typeof flags
    const [was, is] = [kept[key] ?? asked[key], asked[key]]
    return was === is ? [] : [differs(`${path}: ${key}`, { was, is, flag })]
  })
  const engines = { ...kept.engines }
  const before = Object.keys(engines).sort().join(', ')
  const now = Object.keys(asked.engines).sort().join(', ')
  if (kept.engines !== undefined && before !== now) {
    problems.push(differs(`${path}: engines`, { was: before, is: now, flag: '--config or --engine' }))
  }
  for (const [url, model] of Object.entries(asked.engines)) {
    const was = engines[url] ?? model
    if (was !== model && model !== null)
      problems.push(differs(`${path}: model of ${url}`, { was, is: model, flag: 'an engine of that model' }))
    engines[url] = was
  }
  if (problems.length > 0) throw new ConfigError(problems, '--out')
  return { ...asked, engines }
}

function parse(text: string, path: string) {
  try {
    return written.parse(JSON.parse(text))
  } catch {
    const expected = 'what a collection was asked for'
    const fix = 'Choose another folder with --out.'
    throw new ConfigError([{ path, expected, got: 'something else', fix }], '--out')
  }
}

const differs = (
  path: string,
  { was, is, flag }: { readonly was: unknown; readonly is: unknown; readonly flag: string },
): ConfigProblem => ({
  path,
  expected: `${was}, as this collection was begun`,
  got: String(is),
  fix: `Ask with the same ${flag} to go on, or choose another folder with --out.`,
})
