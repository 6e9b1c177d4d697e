/**
 * @file What a call would be on an idle pool: time, tokens and chance to be right, by question, arm and draw.
 *
 * Ability, difficulty and lengths are those of the twin's own questions (`QuestionFacts`), so the questions are realised
 * ones. What is luck of a call is drawn: `draws` lengths per question and arm, at evenly spread quantiles in an order of
 * their own, so that a few of them carry the spread and draws of two arms are independent. Step times are those of an
 * engine with nobody else in the batch and nobody else on the GPU: no call can be faster in the twin. A cut answer cannot
 * be read; its ability is 0. Prompts are taken without the other agents' notes, which again is the faster side.
 */
import {
  type AnswerFormat,
  type Arm,
  estimateTokens,
  keyedRandom,
  type ModelId,
  normalQuantile,
  type Profile,
  type ProfileTruth,
  type Random,
  strategyIds,
} from '../../core/index.ts'
import { isReasoningModelName } from '../../policy/index.ts'
import { outputCapTokens } from '../../team/index.ts'
import type { QuestionFacts, Standing } from '../../twin/index.ts'
import { createEngineCosts, type EngineCosts } from './engine-costs.ts'

/** Questions of one benchmark and answer format, in the order given. */
export interface CallTable {
  readonly format: AnswerFormat
  readonly arms: readonly Arm[]
  readonly models: readonly ModelId[]
  /** By arm: index of its model. */
  readonly modelOf: readonly number[]
  /** By model. */
  readonly costs: readonly EngineCosts[]
  readonly draws: number
  readonly questions: readonly QuestionFacts[]
  /** By question. */
  readonly promptTokens: Float64Array
  /** By question: chance that two wrong answers are the same one. */
  readonly meetChance: Float64Array
  /** [question, arm, draw], row-major, as all below. Own time of the call on an idle engine, overhead included. */
  readonly timeMs: Float64Array
  /** Time of the first token. */
  readonly firstTokenMs: Float64Array
  readonly tokenMs: Float64Array
  readonly outputTokens: Float64Array
  /** P(right) as the twin decides it; 0: cut. Whether the label counts it is another matter. */
  readonly ability: Float64Array
}

export interface CallTableOptions {
  readonly profile: Profile
  readonly truth: ProfileTruth
  /** All of one benchmark and format; at least one. */
  readonly questions: readonly QuestionFacts[]
  readonly seed: number
  readonly draws: number
}

export function createCallTable({ profile, truth, questions, seed, draws }: CallTableOptions): CallTable {
  const models = Object.keys(profile.models)
  const arms = models.flatMap((model) => strategyIds.map((strategy): Arm => ({ model, strategy })))
  const cells = questions.length * arms.length * draws
  const table: CallTable = {
    format: questions[0]!.question.format,
    arms,
    models,
    modelOf: arms.map(({ model }) => models.indexOf(model)),
    costs: models.map((model) => createEngineCosts(profile, model)),
    draws,
    questions,
    promptTokens: Float64Array.from(
      questions,
      ({ question }) => estimateTokens(question.text) + truth.promptTokens.value.template,
    ),
    meetChance: Float64Array.from(questions, meetChanceOf),
    timeMs: new Float64Array(cells),
    firstTokenMs: new Float64Array(cells),
    tokenMs: new Float64Array(cells),
    outputTokens: new Float64Array(cells),
    ability: new Float64Array(cells),
  }
  const caps = arms.map((arm) => capOf(arm, questions[0]!, truth))
  for (let row = 0; row < questions.length; row += 1)
    for (let arm = 0; arm < arms.length; arm += 1) drawCalls(table, { row, arm, cap: caps[arm] as number, seed })
  return table
}

/** Sum of the squared shares of the wrong answers. */
function meetChanceOf({ wrongShares }: QuestionFacts): number {
  let [sum, before] = [0, 0]
  for (const share of wrongShares) {
    sum += (share - before) ** 2
    before = share
  }
  return sum
}

function capOf({ model, strategy }: Arm, { benchmark }: QuestionFacts, truth: ProfileTruth): number {
  const domain = truth.domainOfBenchmark[benchmark.benchmark] ?? 'general'
  const cap = outputCapTokens({ strategy, domain, isReasoningModel: isReasoningModelName(model) })
  return Math.min(cap, truth.maxOutputTokens.value)
}

interface Cell {
  readonly row: number
  readonly arm: number
  readonly cap: number
  readonly seed: number
}

function drawCalls(table: CallTable, { row, arm, cap, seed }: Cell): void {
  const { draws } = table
  const facts = table.questions[row]!
  const { model, strategy } = table.arms[arm]!
  const costs = table.costs[table.modelOf[arm]!]!
  const standing = facts.of(model).at(strategy)
  const random = keyedRandom(seed, `fluid|${facts.question.id}|${model}|${strategy}`)
  const lengths = spreadUniforms(random, draws)
  const complies = spreadUniforms(random, draws)
  const promptTokens = table.promptTokens[row]!
  const first = (row * table.arms.length + arm) * draws
  for (let draw = 0; draw < draws; draw += 1) {
    const { ability, tokens } = oneAnswer(standing, complies[draw]!, normalQuantile(lengths[draw]!))
    const produced = Math.min(tokens, cap)
    const tokenMs = costs.tokenMs(promptTokens + produced / 2)
    const firstTokenMs = costs.firstTokenMs(promptTokens)
    table.outputTokens[first + draw] = produced
    table.tokenMs[first + draw] = tokenMs
    table.firstTokenMs[first + draw] = firstTokenMs
    table.timeMs[first + draw] = firstTokenMs + (produced - 1) * tokenMs
    table.ability[first + draw] = tokens > cap ? 0 : ability
  }
}

/** As the twin's answer model draws it. */
function oneAnswer(standing: Standing, complies: number, z: number) {
  const isPlain = complies >= standing.complies
  const [mu, sigma] = isPlain ? [standing.plainMu, standing.plainSigma] : [standing.mu, standing.sigma]
  const tokens = Math.max(1, Math.round(Math.exp(mu + sigma * z)))
  return { ability: isPlain ? standing.plainAbility : standing.ability, tokens }
}

/** One uniform draw in each of `count` equal parts of (0, 1), in random order. */
function spreadUniforms(random: Random, count: number): number[] {
  const values = Array.from({ length: count }, (_, index) => (index + random.uniform()) / count)
  for (let last = count - 1; last > 0; last -= 1) {
    const other = random.below(last + 1)
    ;[values[last], values[other]] = [values[other]!, values[last]!]
  }
  return values
}
