/**
 * @file Makes seeded questions with known answers: word problems, small Python tasks, multiple choice with ten options.
 *
 * Levels 1 to 5 come up equally often, templates within a level too. Texts within a call are distinct. A question's id
 * is a hash of its text, so the same text is the same question (as hard, with the same luck) in every set and run.
 * How hard a model finds a question is the twin's to draw: mostly noise that no text shows, a part from `textScore`,
 * which mixes the level with the length of the text. With the default profile that part is 0.15 of the variance.
 */
import { ConfigError, hashText, keyedRandom, type Random } from '../../core/index.ts'
import { measureChoices } from './choice/measures.ts'
import { numeralChoices } from './choice/numerals.ts'
import { reasoningChoices } from './choice/reasoning.ts'
import { algorithmTasks } from './code/algorithms.ts'
import { listTasks } from './code/lists.ts'
import { textTasks } from './code/texts.ts'
import { advancedMath } from './math/advanced.ts'
import { basicMath } from './math/basic.ts'
import { middleMath } from './math/middle.ts'
import type { Level, Question, SyntheticDataset } from './question.ts'
import { createDraw, type Template } from './template.ts'

interface Kind {
  readonly format: Question['format']
  readonly templates: readonly Template[]
  /** ln(characters) of a question: mean and deviation over the set, and its correlation with the level. */
  readonly logLength: { readonly mean: number; readonly deviation: number; readonly correlation: number }
}

const kinds: Readonly<Record<SyntheticDataset, Kind>> = {
  'synthetic-math': {
    format: 'number',
    templates: [...basicMath, ...middleMath, ...advancedMath],
    logLength: { mean: 5.375, deviation: 0.447, correlation: 0.917 },
  },
  'synthetic-code': {
    format: 'code',
    templates: [...listTasks, ...textTasks, ...algorithmTasks],
    logLength: { mean: 5.759, deviation: 0.282, correlation: 0.961 },
  },
  'synthetic-choice': {
    format: 'choice',
    templates: [...measureChoices, ...numeralChoices, ...reasoningChoices],
    logLength: { mean: 5.715, deviation: 0.42, correlation: 0.962 },
  },
}

export interface SyntheticOptions {
  readonly dataset: SyntheticDataset
  /** From 0 to as many distinct texts as the templates give: more than 100,000. */
  readonly count: number
  readonly seed: number
}

const attemptsPerQuestion = 200

/** The questions of a seed, in order. More of the same seed begin with the same ones. Throws ConfigError for a `count` beyond what the templates give. */
export function createSyntheticQuestions({ dataset, count, seed }: SyntheticOptions): readonly Question[] {
  const questions: Question[] = []
  const texts = new Set<string>()
  for (let index = 0; index < count; index += 1) {
    const random = keyedRandom(seed, `${dataset}|${index}`)
    const question = drawDistinct(dataset, random, texts)
    if (question === null) throw tooMany(count, index)
    texts.add(question.text)
    questions.push(question)
  }
  return questions
}

function drawDistinct(dataset: SyntheticDataset, random: Random, texts: ReadonlySet<string>): Question | null {
  const level = (1 + random.below(5)) as Level
  const templates = kinds[dataset].templates.filter((template) => template.level === level)
  for (let attempt = 0; attempt < attemptsPerQuestion; attempt += 1) {
    const question = fillTemplate(dataset, random.pick(templates), random)
    if (!texts.has(question.text)) return question
  }
  return null
}

function fillTemplate(dataset: SyntheticDataset, template: Template, random: Random): Question {
  const { text, key, wrongAnswers, tests } = template.fill(createDraw(random))
  return {
    id: `${dataset}-${hexHash(text, 1)}${hexHash(text, 2)}`,
    text,
    benchmark: dataset,
    dataset,
    format: kinds[dataset].format,
    key,
    wrongAnswers,
    difficulty: null,
    textScore: scoreText(kinds[dataset], template.level, text),
    level: template.level,
    group: template.id,
    ...(tests === undefined ? {} : { tests }),
  }
}

const hexHash = (text: string, seed: number): string => hashText(text, seed).toString(16).padStart(8, '0')

/** Level and length of the text, each standardised, in equal parts; mean 0 and deviation 1 over the set. */
function scoreText({ logLength }: Kind, level: Level, text: string): number {
  const { mean, deviation, correlation } = logLength
  const ofLevel = (level - 3) / Math.SQRT2
  const ofLength = (Math.log(text.length) - mean) / deviation
  return (ofLevel + ofLength) / Math.sqrt(2 + 2 * correlation)
}

const tooMany = (count: number, made: number): ConfigError =>
  new ConfigError(
    [
      {
        path: 'count',
        expected: 'a number of questions that the templates can give',
        got: String(count),
        fix: `${made} were made; ask for fewer.`,
      },
    ],
    'synthetic questions',
  )
