/**
 * @file The twin's answers beside the measured ones. Runs where the calibration data is.
 *
 * Two kinds of test. What the data states is computed again from its rows, tightly: our statistics are theirs. What
 * the twin draws is held against other models' figures, widely: the direction must be right and the size plausible. The
 * gaps stand in docs/twin.md; nothing is tuned to close them.
 */
import { describe, expect, it } from 'vitest'
import {
  accuracyOf,
  intraclassCorrelation,
  numberAt,
  pairAgreement,
  voteAccuracy,
} from '../../src/lab/calibrate/index.ts'
import { pairingsOf } from '../../tools/fit/answer-sections.ts'
import { type Depth, depths, examDomains, measuredModels, measuredSamples } from '../../tools/fit/measured-samples.ts'
import { keepFixSection, lengthCells, measuredLengths, phiCells } from '../../tools/fit/pool-sections.ts'
import { calibrationData, calibrationReport, dataFolder } from './report-fixture.ts'

const statedName: Readonly<Record<Depth, string>> = {
  Flash: 'Flash(answer only)',
  Concise: 'Concise(CCoT)',
  plain: 'DeepThink(CoT)',
  DeepThink: 'DeepThink+(composite)',
}
const measuredCells = measuredModels.flatMap((model) =>
  examDomains.flatMap((domain) => depths.map((depth) => ({ model, domain, depth }))),
)

describe.skipIf(dataFolder === null)('statistics computed again from the measured rows', () => {
  it.each(measuredCells)('$model, $domain, $depth: accuracy, repeats, votes and tokens as stated', (cell) => {
    const stated = calibrationData()
      .table('strategy_effect_summary.csv')
      .find(
        (row) =>
          row['model'] === cell.model && row['domain'] === cell.domain && row['strategy'] === statedName[cell.depth],
      )!
    const { questions, meanTokens } = measuredSamples(calibrationData(), cell)
    expect(questions.length).toBe(numberAt(stated, 'questions'))
    expect(Math.abs(accuracyOf(questions) - numberAt(stated, 'acc_single'))).toBeLessThan(0.0001)
    expect(Math.abs(intraclassCorrelation(questions) - numberAt(stated, 'icc_repeat'))).toBeLessThan(0.001)
    // Theirs draws subsets of the ten answers; ours are all of them.
    expect(Math.abs(voteAccuracy(questions, 3) - numberAt(stated, 'vote3'))).toBeLessThan(0.012)
    expect(Math.abs(voteAccuracy(questions, 5) - numberAt(stated, 'vote5'))).toBeLessThan(0.015)
    expect(Math.abs(meanTokens / numberAt(stated, 'mean_out_tok') - 1)).toBeLessThan(0.01)
  })

  it('two samples of GPT-3.5: right .75 and .32 of the time over all exams, .87 and .36 on mathematics', () => {
    const model = 'gpt-35-turbo'
    const of = (domains: typeof examDomains) =>
      pairAgreement(
        domains.flatMap((domain) => measuredSamples(calibrationData(), { model, domain, depth: 'plain' }).questions),
      )
    const [all, math] = [of(examDomains), of(['math'])]
    expect([all.rightWhenAgreed, all.rightWhenNot].map((value) => value.toFixed(2))).toEqual(['0.75', '0.32'])
    expect([math.rightWhenAgreed, math.rightWhenNot].map((value) => value.toFixed(2))).toEqual(['0.87', '0.36'])
  })

  it('lengths on MMLU-Pro as stated: mean, spread, growth, runaways', () => {
    for (const row of calibrationData().table('mmlupro_length_lognormal.csv')) {
      const { fit, slopePerB, residual } = measuredLengths(calibrationReport(), row['model']!)
      expect(Math.abs(fit.mu - numberAt(row, 'ln_mu'))).toBeLessThan(0.01)
      expect(Math.abs(fit.sigma - numberAt(row, 'ln_sigma'))).toBeLessThan(0.01)
      expect(Math.abs(fit.meanTokens / numberAt(row, 'mean_tok') - 1)).toBeLessThan(0.01)
      expect(Math.abs(slopePerB - numberAt(row, 'slope_per_b'))).toBeLessThan(0.01)
      expect(Math.abs(residual - numberAt(row, 'resid_sigma'))).toBeLessThan(0.01)
      expect(Math.abs(fit.runawayFraction - numberAt(row, 'frac_runaway_gt2000tok'))).toBeLessThan(0.002)
    }
  })
})

describe.skipIf(dataFolder === null)('lengths as drawn', () => {
  it('have the mean and the spread of the truth, in every cell', () => {
    // 40,000 draws, 4,000 questions: a deviation of the mean below 0.5 %.
    for (const { tableMean, drawnMean, tableSigma, drawnSigma } of lengthCells(calibrationReport())) {
      expect(Math.abs(drawnMean / tableMean - 1)).toBeLessThan(0.02)
      expect(Math.abs(drawnSigma - tableSigma)).toBeLessThan(0.02)
    }
  })

  it('spread within what was measured on real models: 0.46 to 0.89', () => {
    for (const { drawnSigma } of lengthCells(calibrationReport())) {
      expect(drawnSigma).toBeGreaterThan(0.45)
      expect(drawnSigma).toBeLessThan(0.9)
    }
  })
})

describe.skipIf(dataFolder === null)('the twin beside other models: direction and size', () => {
  const sides = () =>
    pairingsOf(calibrationReport()).map((pairing) => ({
      ...pairing,
      measured: (depth: Depth) => measuredSamples(calibrationData(), { ...pairing, depth }),
      simulated: (depth: Depth) => calibrationReport().twin.of(pairing.standIn, depth),
    }))
  const gainOf = (questions: Parameters<typeof voteAccuracy>[0], size: number) =>
    voteAccuracy(questions, size) - accuracyOf(questions)

  it('answering at once costs mathematics dearly, and thinking longer brings little', () => {
    for (const { domain, measured, simulated } of sides()) {
      if (domain !== 'math') continue
      const measuredLoss = accuracyOf(measured('plain').questions) - accuracyOf(measured('Flash').questions)
      const simulatedLoss = simulated('plain').accuracy - simulated('Flash').accuracy
      expect(simulatedLoss).toBeGreaterThan(0.3 * measuredLoss)
      expect(simulatedLoss).toBeLessThan(2 * measuredLoss)
      expect(Math.abs(simulated('DeepThink').accuracy - simulated('plain').accuracy)).toBeLessThan(0.05)
    }
  })

  it('repeats correlate between 0.25 and 0.75 under chain of thought', () => {
    for (const { measured, simulated } of sides()) {
      for (const { questions } of [measured('plain'), simulated('plain')]) {
        expect(intraclassCorrelation(questions)).toBeGreaterThan(0.25)
        expect(intraclassCorrelation(questions)).toBeLessThan(0.75)
      }
    }
  })

  it('a vote gains, five more than three, and nowhere more than 15 points', () => {
    for (const { measured, simulated } of sides()) {
      for (const { questions } of [measured('plain'), simulated('plain')]) {
        expect(gainOf(questions, 3)).toBeGreaterThan(0)
        expect(gainOf(questions, 5)).toBeGreaterThan(gainOf(questions, 3))
        expect(gainOf(questions, 5)).toBeLessThan(0.15)
      }
    }
  })

  it('agreement tells right from wrong by at least 20 points', () => {
    for (const { measured, simulated } of sides()) {
      for (const { questions } of [measured('plain'), simulated('plain')]) {
        const { rightWhenAgreed, rightWhenNot } = pairAgreement(questions)
        expect(rightWhenAgreed - rightWhenNot).toBeGreaterThan(0.2)
      }
    }
  })

  it('models err together about as much as real ones: phi within 0.1', () => {
    for (const { measured, simulated } of phiCells(calibrationReport())) {
      expect(Math.abs(simulated - measured)).toBeLessThan(0.1)
    }
  })

  it('a second pass keeps at least 0.8 and mends between 0.15 and 0.75, as the measured chains do', () => {
    const { columns, rows } = keepFixSection(calibrationReport())
    const [keepAt, fixAt] = [columns.indexOf('keeps'), columns.indexOf('mends')]
    const numbers = (cell: string) => cell.split(' (')[0]!.split(' / ').map(Number)
    expect(rows).toHaveLength(11)
    for (const row of rows) {
      for (const keep of numbers(row[keepAt]!)) expect(keep).toBeGreaterThan(0.79)
      for (const fix of numbers(row[fixAt]!)) {
        expect(fix).toBeGreaterThan(0.15)
        expect(fix).toBeLessThan(0.75)
      }
    }
  })
})
