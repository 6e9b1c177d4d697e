/**
 * @file How differently two models err, by graded answers of the real ones: `graded.jsonl` as `collect` leaves it.
 *
 * Each model at the depth that was right most often in the domain; a question asked several times counts by its share of
 * right answers. Intervals: 95 %, questions drawn anew (500 times). Whether two wrong answers agreed is not in the file, so
 * what a vote would win cannot be told from it; the worth of a faultless judge can, and it bounds all of them.
 */
import { readFileSync } from 'node:fs'
import { z } from 'zod'
import {
  ConfigError,
  type ConfigProblem,
  type Domain,
  domains,
  keyedRandom,
  type ModelId,
  quantileSorted,
} from '../../core/index.ts'
import { jointOf } from './joint-outcome.ts'

const rowSchema = z.object({
  /** Of the question. */
  id: z.union([z.string(), z.number()]),
  set: z.string(),
  domain: z.enum(domains),
  model: z.string(),
  strategy: z.string().nullish(),
  correct: z.boolean(),
})

export type GradedRow = z.infer<typeof rowSchema>

type Interval = readonly [low: number, high: number]

export interface GradedPair {
  readonly better: ModelId
  readonly other: ModelId
  /** Questions that both answered. */
  readonly questions: number
  readonly betterAlone: number
  readonly otherAlone: number
  /** null: one of them was always right, or never. */
  readonly phi: number | null
  readonly phiInterval: Interval | null
  /** What a faultless judge of the two would add to the better one. */
  readonly judge: number
  readonly judgeInterval: Interval
}

export interface GradedDiversity {
  readonly domain: Domain
  /** Most to win first. */
  readonly pairs: readonly GradedPair[]
}

/** Fewer questions in common tell nothing. */
export const fewestCommon = 20
const resamples = 500

/**
 * Reads the file; a last line that a killed writer left torn is passed over. Throws ConfigError naming the lines that are
 * no graded answers, or where there are none.
 */
export function readGraded(file: string): readonly GradedRow[] {
  const rows: GradedRow[] = []
  const problems: ConfigProblem[] = []
  const fix = 'One object a line: id, set, domain, model, strategy, correct; `inframind collect` writes them.'
  const lines = linesOf(file, fix)
  for (const [index, line] of lines.entries()) {
    if (line.trim() === '') continue
    const value = jsonOf(line)
    if (value === line && index === lines.length - 1 && rows.length > 0) continue
    const parsed = rowSchema.safeParse(value)
    if (parsed.success) rows.push(parsed.data)
    else {
      const { path, message } = parsed.error.issues[0]!
      problems.push({
        path: `${file}:${index + 1}`,
        expected: 'a graded answer',
        got: `${path.join('.')} ${message}`,
        fix,
      })
    }
  }
  if (rows.length === 0 && problems.length === 0)
    problems.push({ path: file, expected: 'graded answers', got: 'none', fix })
  if (problems.length > 0) throw new ConfigError(problems.slice(0, 5), 'the graded answers')
  return rows
}

function linesOf(file: string, fix: string): readonly string[] {
  try {
    return readFileSync(file, 'utf8').split('\n')
  } catch {
    throw new ConfigError([{ path: '--graded', expected: 'a readable file', got: file, fix }], 'the command line')
  }
}

function jsonOf(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return line
  }
}

/** Models that have graded answers, and are none of `models`: nothing is said of them. */
export const unknownModels = (rows: readonly GradedRow[], models: readonly ModelId[]): readonly ModelId[] =>
  [...new Set(rows.map(({ model }) => model))].filter((model) => !models.includes(model)).sort()

/** Pairs of `models` with enough questions in common. */
export function gradedDiversity(
  rows: readonly GradedRow[],
  { models, seed }: { readonly models: readonly ModelId[]; readonly seed: number },
): readonly GradedDiversity[] {
  return domains.flatMap((domain) => {
    const own = rows.filter((row) => row.domain === domain)
    const answers = models.flatMap((model) => {
      const best = bestDepth(own.filter((row) => row.model === model))
      return best === null ? [] : [{ model, shares: best }]
    })
    const pairs = answers.flatMap((first, index) =>
      answers.slice(index + 1).flatMap((second) => pairOf(first, second, seed) ?? []),
    )
    return pairs.length === 0 ? [] : [{ domain, pairs: pairs.sort((a, b) => b.judge - a.judge) }]
  })
}

/** Share of right answers by question. */
type Shares = ReadonlyMap<string, number>

/** null: no rows. */
function bestDepth(rows: readonly GradedRow[]): Shares | null {
  let [best, bestMean] = [null as Shares | null, -1]
  for (const strategy of new Set(rows.map((row) => row.strategy ?? null))) {
    const shares = sharesOf(rows.filter((row) => (row.strategy ?? null) === strategy))
    const mean = [...shares.values()].reduce((sum, share) => sum + share, 0) / shares.size
    if (mean > bestMean) [best, bestMean] = [shares, mean]
  }
  return best
}

function sharesOf(rows: readonly GradedRow[]): Shares {
  const tallies = new Map<string, { right: number; asked: number }>()
  for (const { id, set, correct } of rows) {
    const key = `${set}|${id}`
    const tally = tallies.get(key) ?? { right: 0, asked: 0 }
    tallies.set(key, tally)
    tally.right += correct ? 1 : 0
    tally.asked += 1
  }
  return new Map([...tallies].map(([key, { right, asked }]) => [key, right / asked]))
}

interface Answers {
  readonly model: ModelId
  readonly shares: Shares
}

/** null: too few questions in common. */
function pairOf(first: Answers, second: Answers, seed: number): GradedPair | null {
  const common = [...first.shares.keys()].filter((key) => second.shares.has(key))
  if (common.length < fewestCommon) return null
  const sharesIn = ({ shares }: Answers, keys: readonly string[]) => keys.map((key) => shares.get(key)!)
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
  const [a, b] = [mean(sharesIn(first, common)), mean(sharesIn(second, common))]
  const [better, other] = a >= b ? [first, second] : [second, first]
  const measure = (keys: readonly string[]) => {
    const { phi, either } = jointOf(sharesIn(better, keys), sharesIn(other, keys))
    return { phi, judge: either - Math.max(mean(sharesIn(better, keys)), mean(sharesIn(other, keys))) }
  }
  const random = keyedRandom(seed, `pairs|${better.model}|${other.model}`)
  const drawn = Array.from({ length: resamples }, () => measure(common.map(() => random.pick(common))))
  const { phi, judge } = measure(common)
  const phis = drawn.map((one) => one.phi).filter(Number.isFinite)
  return {
    better: better.model,
    other: other.model,
    questions: common.length,
    betterAlone: Math.max(a, b),
    otherAlone: Math.min(a, b),
    phi: Number.isFinite(phi) ? phi : null,
    phiInterval: Number.isFinite(phi) ? intervalOf(phis) : null,
    judge,
    judgeInterval: intervalOf(drawn.map((one) => one.judge)),
  }
}

function intervalOf(values: readonly number[]): Interval {
  const sorted = [...values].sort((a, b) => a - b)
  return [quantileSorted(sorted, 0.025), quantileSorted(sorted, 0.975)]
}
