/** @file Report on lengths, on how the pool's models err together, and on second looks; simulated beside measured. */
import { mean } from '../../src/core/index.ts'
import { fitLine, fitLogNormal, meanPhi, numberAt, phi } from '../../src/lab/calibrate/index.ts'
import type { AnswerReport } from './answer-sections.ts'
import { fixed, percent, type Section, signed, signedPercent } from './markdown-table.ts'
import { standInFor } from './stand-ins.ts'

const plainOf = ({ twin }: AnswerReport, benchmark: string, model: string) =>
  twin.of({ benchmark, model, accuracy: Number.NaN }, 'plain')

export interface LengthCell {
  readonly benchmark: string
  readonly model: string
  /** Mean tokens: the truth's table with its multiplier, and as drawn. */
  readonly tableMean: number
  readonly drawnMean: number
  /** Deviation of ln tokens: the truth's, difficulty included, and as drawn. */
  readonly tableSigma: number
  readonly drawnSigma: number
}

/** Lengths as drawn beside the truth's own tables. */
export function lengthCells(report: AnswerReport): readonly LengthCell[] {
  const { truth } = report.twin
  return Object.keys(truth.cotMeanOutputTokens.value).flatMap((benchmark) =>
    Object.keys(truth.lengthMultiplier.value).map((model) => {
      const drawn = fitLogNormal(plainOf(report, benchmark, model).tokens)
      return {
        benchmark,
        model,
        tableMean: truth.cotMeanOutputTokens.value[benchmark]![model]! * truth.lengthMultiplier.value[model]!,
        drawnMean: drawn.meanTokens,
        tableSigma: Math.hypot(truth.outputSigma.value[model]!, truth.lengthSlopePerSd.value),
        drawnSigma: drawn.sigma,
      }
    }),
  )
}

export function lengthSection(report: AnswerReport): Section {
  const cells = lengthCells(report)
  const models = [...new Set(cells.map(({ model }) => model))]
  return {
    id: 'lengths',
    title: 'Lengths against the truth’s own tables',
    note: 'Plain chain of thought, not cut. Mean tokens over the six benchmarks, the largest gap of the mean on one of them, and the deviation of ln tokens (difficulty included). This tests the draws, not the tables.',
    columns: ['model', 'mean, table', 'mean, drawn', 'largest gap', 'spread, table', 'spread, drawn'],
    rows: models.map((model) => {
      const own = cells.filter((cell) => cell.model === model)
      const gaps = own.map(({ tableMean, drawnMean }) => drawnMean / tableMean - 1)
      return [
        model,
        fixed(mean(own.map(({ tableMean }) => tableMean)), 0),
        fixed(mean(own.map(({ drawnMean }) => drawnMean)), 0),
        signedPercent(gaps.reduce((worst, gap) => (Math.abs(gap) > Math.abs(worst) ? gap : worst))),
        fixed(own[0]!.tableSigma),
        fixed(mean(own.map(({ drawnSigma }) => drawnSigma))),
      ]
    }),
  }
}

/** As the stated statistics: 8,000 characters, at 4 a token. */
const runawayTokens = 2000
const charactersPerToken = 4

/** Lengths of `model` on MMLU-Pro as measured (5-shot), and their growth with the item's difficulty, per standard deviation. */
export function measuredLengths({ data }: AnswerReport, model: string) {
  const difficulty = new Map(
    data.table('mmlupro_correct_matrix.csv.gz').map((row) => [row['question_id'], numberAt(row, 'b')]),
  )
  const rows = data
    .table('mmlupro_output_chars.csv.gz')
    .map((row) => ({
      tokens: numberAt(row, model) / charactersPerToken,
      difficulty: difficulty.get(row['question_id']) ?? Number.NaN,
    }))
    .filter(({ tokens, difficulty }) => tokens > 0 && Number.isFinite(difficulty))
  const kept = rows.filter(({ tokens }) => tokens <= runawayTokens)
  const centre = mean(kept.map((row) => row.difficulty))
  const spread = Math.sqrt(mean(kept.map((row) => (row.difficulty - centre) ** 2)))
  const line = fitLine(
    kept.map((row) => row.difficulty),
    kept.map(({ tokens }) => Math.log(tokens)),
  )
  const fit = fitLogNormal(
    rows.map(({ tokens }) => tokens),
    runawayTokens,
  )
  return { fit, slopePerB: line.slope, slopePerSd: line.slope * spread, residual: line.residual }
}

export function measuredLengthSection(report: AnswerReport): Section {
  const { truth } = report.twin
  const columns = Object.keys(report.data.table('mmlupro_output_chars.csv.gz')[0]!).filter(
    (column) => column !== 'question_id',
  )
  const simulated = 'Llama-3.1-8B-Instruct'
  const drawn = fitLogNormal(plainOf(report, 'mmlu-pro', simulated).tokens)
  const own = measuredLengths(report, 'Meta-Llama-3_1-8B-Instruct').fit
  return {
    id: 'lengths-measured',
    title: 'Lengths against measured rows',
    note: `MMLU-Pro, 12,032 questions, tokens as characters / 4, answers beyond ${runawayTokens} tokens apart. The rows were asked with five worked examples, which shorten answers; the twin's are zero-shot chat, so its mean is above by intent: ${simulated} measured ${fixed(own.meanTokens, 0)}, simulated ${fixed(drawn.meanTokens, 0)} (${signedPercent(drawn.meanTokens / own.meanTokens - 1, 0)}); spread measured ${fixed(own.sigma)}, simulated ${fixed(drawn.sigma)} (${signed(drawn.sigma - own.sigma)}). The twin has no runaways apart from its lognormal's tail.`,
    columns: ['model', 'mean', 'ln mean', 'spread', 'growth per sd of difficulty', 'spread left', 'runaways'],
    rows: [
      ...columns.map((model) => {
        const { fit, slopePerSd, residual } = measuredLengths(report, model)
        return [
          model,
          fixed(fit.meanTokens, 0),
          fixed(fit.mu),
          fixed(fit.sigma),
          fixed(slopePerSd),
          fixed(residual),
          percent(fit.runawayFraction),
        ]
      }),
      [
        `**simulated ${simulated}**`,
        fixed(drawn.meanTokens, 0),
        fixed(drawn.mu),
        fixed(drawn.sigma),
        fixed(truth.lengthSlopePerSd.value),
        fixed(truth.outputSigma.value[simulated]!),
        percent(fitLogNormal(plainOf(report, 'mmlu-pro', simulated).tokens, runawayTokens).runawayFraction),
      ],
    ],
  }
}

/** The stated sets, by the truth's name for them. */
const statedSets = { GSM8K: 'gsm8k', MATH: 'math', HumanEval: 'humaneval', MBPP: 'mbpp' } as const

/** Models that answer at least two questions in five rightly: below it, guessing hides the rest. */
const competentAccuracy = 0.4

function measuredMmluProPhi({ data }: AnswerReport): number {
  const rows = data.table('mmlupro_correct_matrix.csv.gz')
  const notModels = ['question_id', 'category', 'n_options', 'p_mean', 'a', 'b', 'c', 'jamba-1.5-large']
  const columns = Object.keys(rows[0]!)
    .filter((column) => !notModels.includes(column))
    .map((column) => rows.map((row) => row[column]))
    .filter((cells) => mean(cells.filter((cell) => cell !== '').map(Number)) >= competentAccuracy)
  const pairs = columns.flatMap((first, index) =>
    columns.slice(index + 1).map((second) => {
      const both = first.flatMap((cell, row) => (cell !== '' && second[row] !== '' ? [row] : []))
      return phi(
        both.map((row) => first[row] === '1'),
        both.map((row) => second[row] === '1'),
      )
    }),
  )
  return mean(pairs)
}

export interface PhiCell {
  readonly benchmark: string
  readonly measured: number
  readonly simulated: number
}

export function phiCells(report: AnswerReport): readonly PhiCell[] {
  const { data, twin } = report
  const simulated = (benchmark: string) =>
    meanPhi(
      Object.entries(twin.truth.cotAccuracy.value[benchmark]!)
        .filter(([, accuracy]) => accuracy >= competentAccuracy)
        .map(([model]) => plainOf(report, benchmark, model).firstRight),
    )
  const stated = data.table('irt_benchmark_summary_psn.csv').flatMap((row) => {
    const benchmark = statedSets[row['benchmark'] as keyof typeof statedSets]
    if (benchmark === undefined) return []
    return [{ benchmark, measured: numberAt(row, 'mean_phi_competent_pairs'), simulated: simulated(benchmark) }]
  })
  return [...stated, { benchmark: 'mmlu-pro', measured: measuredMmluProPhi(report), simulated: simulated('mmlu-pro') }]
}

export function phiSection(report: AnswerReport): Section {
  return {
    id: 'correlation',
    title: 'How models err together',
    note: 'Mean correlation (phi) of being right between two models on the same questions, models of at least 40 %. Measured on 12 models (8 or 9 of them competent; published statistics), on MMLU-Pro on the 28 models of the answer matrix.',
    columns: ['benchmark', 'measured', 'simulated', 'gap'],
    rows: phiCells(report).map(({ benchmark, measured, simulated }) => [
      benchmark,
      fixed(measured),
      fixed(simulated),
      signed(simulated - measured),
    ]),
  }
}

export function latentSection(report: AnswerReport): Section {
  const { sigmaB, sigmaU } = report.twin.truth
  const latent = (benchmark: string) => {
    const shared = sigmaB.value[benchmark]! ** 2
    return shared / (shared + sigmaU.value ** 2)
  }
  const simulatedBy: Readonly<Record<string, string>> = { knowledge: 'mmlu-pro', logic: 'mmlu-pro', math: 'math' }
  return {
    id: 'latent',
    title: 'How much of a question’s difficulty two models share',
    note: 'Correlation of the latent ease of a question between GPT-3.5 and GPT-4; in the twin sigma_b^2 / (sigma_b^2 + sigma_u^2), the same at every depth.',
    columns: ['domain', 'depth', 'measured', 'simulated', 'gap'],
    rows: report.data.table('repeat_sampling_latent.csv').map((row) => {
      const [domain, measured] = [row['domain'] ?? '', numberAt(row, 'latent_corr_between_models')]
      const simulated = latent(simulatedBy[domain]!)
      return [domain, row['strategy'] ?? '', fixed(measured), fixed(simulated), signed(simulated - measured)]
    }),
  }
}

/** A second pass over one's own program, without running tests: what the twin calls `revise`. */
export function keepFixSection(report: AnswerReport): Section {
  const { data, twin } = report
  return {
    id: 'code',
    title: 'What a second pass keeps and mends',
    note: 'Code. Measured: the same tasks before and after a chain; MapCoder and Reflexion see test results. Simulated: one look at its own answer by the model of the pool whose accuracy on that set is nearest; the truth’s rates for reviews with tests are not used by any topology yet. Measured / simulated (gap).',
    columns: ['set', 'measured on', 'chain', 'simulated by', 'right before', 'keeps', 'mends', 'right after'],
    rows: data.table('code_topology_keep_fix.csv').map((row) => {
      const benchmark = (row['bench'] ?? '').toLowerCase()
      const before = numberAt(row, 'acc_base')
      const { model } = standInFor(twin.truth, { domain: 'code', accuracy: before, benchmark })
      const drawn = twin.on(benchmark).revise(model)
      const cell = (column: string, simulated: number) =>
        `${fixed(numberAt(row, column))} / ${fixed(simulated)} (${signed(simulated - numberAt(row, column))})`
      return [
        benchmark,
        row['model'] ?? '',
        `${row['base']} to ${row['topology']}`,
        model,
        cell('acc_base', drawn.before),
        cell('p_keep', drawn.keep),
        cell('p_fix', drawn.fix),
        cell('acc_topology', drawn.after),
      ]
    }),
  }
}
