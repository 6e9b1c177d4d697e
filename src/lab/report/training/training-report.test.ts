import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { TrainingLine } from '../../train/index.ts'
import { bandNames } from '../../train/rewards/index.ts'
import { isTraining, writeTrainingReport } from './index.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'training-report-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const level = {
  decisions: 100,
  minibatches: 3,
  policyLoss: 0,
  valueLoss: 0.1,
  entropy: 1,
  kl: 0.01,
  klToBase: 0.1,
  clipFraction: 0.05,
  explainedVariance: 0.3,
  gradientNorm: 0.4,
}

const lineOf = (epoch: number, validation: number | null): TrainingLine => ({
  epoch,
  learner: 'residual',
  episodes: 300,
  meanReward: 0.7,
  correctGoodput: 0.75,
  onTime: 0.999,
  strict: 0.98,
  meanCharges: 0.03,
  meanLatencyRatio: 0.4,
  learningRate: 1e-3,
  planner: level,
  executor: level,
  bands: bandNames.slice(0, 6).map((band, index) => ({
    band,
    episodes: 50,
    correctGoodput: 0.7,
    onTime: 1,
    meanAgents: 1 + index,
    multiplier: 0.2,
    teams: { 'io 1': 0.75, 'io 3 vote': 0.25 },
    arms: { 'one:Flash': 1 },
  })),
  validation: validation === null ? null : { correctGoodput: validation, onTime: 1 },
})

const write = (lines: readonly TrainingLine[], tail = '') =>
  writeFileSync(join(folder, 'training.jsonl'), lines.map((line) => `${JSON.stringify(line)}\n`).join('') + tail)

describe('the report of a training', () => {
  it('names the epoch that was kept, draws its figures, and is the same for the same log', async () => {
    write([lineOf(0, 0.7), lineOf(1, 0.81), lineOf(2, 0.8)])
    const { report, figures } = await writeTrainingReport(folder, folder)
    const text = readFileSync(report, 'utf8')
    expect(text).toMatch(/\| 2 \| 81\.00 \| 100\.00 \| kept \|/)
    expect(text.match(/kept/g)).toHaveLength(1)
    const bytes = figures.map((file) => readFileSync(file, 'utf8'))
    for (const svg of bytes) expect(svg).toMatch(/^<svg[\s\S]+<\/svg>\n?$/)
    expect(readdirSync(join(folder, 'figures'))).toHaveLength(6)
    const again = await writeTrainingReport(folder, folder)
    expect(again.figures.map((file) => readFileSync(file, 'utf8'))).toEqual(bytes)
  })

  it('reads a log whose last line was cut off', async () => {
    write([lineOf(0, null)], '{"epoch": 1, "lear')
    const { report } = await writeTrainingReport(folder, folder)
    expect(readFileSync(report, 'utf8')).toContain('1 epochs')
  })

  it('says what is wrong with a log', async () => {
    expect(isTraining(folder)).toBe(false)
    write([])
    await expect(writeTrainingReport(folder, folder)).rejects.toThrow('an epoch')
    write([], 'no json\n')
    await expect(writeTrainingReport(folder, folder)).rejects.toThrow('JSON')
    writeFileSync(join(folder, 'training.jsonl'), '{"epoch": "one"}\n')
    await expect(writeTrainingReport(folder, folder)).rejects.toMatchObject({ code: 'CONFIG_INVALID' })
  })
})
