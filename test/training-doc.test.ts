/** @file What docs/training.md mirrors of the code: features in order, settings, fields of the log. */
import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { recipes, trainingLineSchema } from '../src/lab/train/index.ts'
import { ourSettings, paperSettings } from '../src/lab/train/learners/actor-critic/index.ts'
import { armCandidateNames, planContextNames, stepContextNames, teamCandidateNames } from '../src/policy/index.ts'

const page = readFileSync(new URL('../docs/training.md', import.meta.url), 'utf8')
/** Blocks of code left out. */
const namesIn = (text: string) =>
  [...text.replaceAll(/```[\s\S]*?```/g, '').matchAll(/`([^`]+)`/g)].map(([, name]) => name)

it.each([
  ['planner, context', planContextNames],
  ['planner, each team', teamCandidateNames],
  ['executor, context', stepContextNames],
  ['executor, each arm or stopping', armCandidateNames],
] as const)('training.md names the features in order: %s', (what, names) => {
  const [, count, list = ''] = page.match(new RegExp(`^\\| ${what} \\| (\\d+) \\| (.*) \\|$`, 'm')) ?? []
  expect(namesIn(list)).toEqual(names)
  expect(count).toBe(String(names.length))
})

it('training.md has the settings', () => {
  const shown = (value: unknown) => String(value ?? 'none')
  const rows = (Object.keys(ourSettings) as (keyof typeof ourSettings)[]).map(
    (name) => `| \`${name}\` | ${shown(ourSettings[name])} | ${shown(paperSettings[name])} |`,
  )
  for (const row of rows) expect(page).toContain(row)
})

it('training.md explains every field of the log and every learner', () => {
  const { planner, bands } = trainingLineSchema.shape
  const fields = [trainingLineSchema.shape, planner.shape, bands.element.shape].flatMap((shape) => Object.keys(shape))
  const names = new Set(namesIn(page))
  expect(fields.filter((field) => field !== 'band' && !names.has(field))).toEqual([])
  expect(['dual', ...Object.keys(recipes)].filter((learner) => !names.has(learner))).toEqual([])
})
