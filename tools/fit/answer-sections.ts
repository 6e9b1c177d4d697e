/** @file Report on answers: what the depths do, how alike repeats are, what votes and agreement are worth; simulated beside measured. */
import { logit, mean } from '../../src/core/index.ts'
import {
  accuracyOf,
  intraclassCorrelation,
  pairAgreement,
  type RepeatedAnswers,
  voteAccuracy,
} from '../../src/lab/calibrate/index.ts'
import type { DataFolder } from './data-folder.ts'
import { fixed, type Section, signed } from './markdown-table.ts'
import {
  type Depth,
  depths,
  type ExamDomain,
  examDomains,
  type MeasuredModel,
  measuredModels,
  measuredSamples,
} from './measured-samples.ts'
import type { StandIn } from './stand-ins.ts'
import { besideMeasured, type TwinSamples } from './twin-samples.ts'

/** One measured model on one domain, and the twin's cell beside it. */
export interface Pairing {
  readonly model: MeasuredModel
  readonly domain: ExamDomain
  readonly standIn: StandIn
}

export interface AnswerReport {
  readonly data: DataFolder
  readonly twin: TwinSamples
}

export const pairingsOf = ({ data, twin }: AnswerReport): readonly Pairing[] =>
  examDomains.flatMap((domain) =>
    measuredModels.map((model) => ({ model, domain, standIn: besideMeasured(data, twin.truth, { model, domain }) })),
  )

/** Measured, simulated and the gap between them, as one cell. */
const cellOf = (measured: number, simulated: number): string =>
  `${fixed(measured)} / ${fixed(simulated)} (${signed(simulated - measured)})`

const beginning = ['domain', 'measured on', 'simulated by']
const begin = ({ domain, model, standIn }: Pairing) => [domain, model, `${standIn.model}, ${standIn.benchmark}`]

/** Both sides of a pairing at one depth. */
function sidesOf({ data, twin }: AnswerReport, { model, domain, standIn }: Pairing, depth: Depth) {
  const measured = measuredSamples(data, { model, domain, depth })
  const simulated = twin.of(standIn, depth)
  return { measured, simulated, simulatedTokens: mean(simulated.tokens) }
}

const besidePlain = depths.filter((depth) => depth !== 'plain')

export function strategyAccuracySection(report: AnswerReport): Section {
  return {
    id: 'strategies',
    title: 'What a depth does to accuracy',
    note: 'Difference of marginal logits against plain chain of thought. Measured / simulated (gap).',
    columns: [...beginning, ...besidePlain],
    rows: pairingsOf(report).map((pairing) => {
      const plain = sidesOf(report, pairing, 'plain')
      return [
        ...begin(pairing),
        ...besidePlain.map((depth) => {
          const { measured, simulated } = sidesOf(report, pairing, depth)
          return cellOf(
            logit(accuracyOf(measured.questions)) - logit(accuracyOf(plain.measured.questions)),
            logit(simulated.accuracy) - logit(plain.simulated.accuracy),
          )
        }),
      ]
    }),
  }
}

export function strategyTokensSection(report: AnswerReport): Section {
  return {
    id: 'tokens',
    title: 'What a depth does to length',
    note: 'Mean tokens as a factor on plain chain of thought. The measured models comply with Flash; of the simulated ones a share does not, so that their Flash is longer. Measured / simulated (gap).',
    columns: [...beginning, 'plain, tokens', ...besidePlain],
    rows: pairingsOf(report).map((pairing) => {
      const plain = sidesOf(report, pairing, 'plain')
      return [
        ...begin(pairing),
        `${fixed(plain.measured.meanTokens, 0)} / ${fixed(plain.simulatedTokens, 0)}`,
        ...besidePlain.map((depth) => {
          const { measured, simulatedTokens } = sidesOf(report, pairing, depth)
          return cellOf(measured.meanTokens / plain.measured.meanTokens, simulatedTokens / plain.simulatedTokens)
        }),
      ]
    }),
  }
}

export function repeatSection(report: AnswerReport): Section {
  return {
    id: 'icc',
    title: 'How alike repeated samples are',
    note: 'Intraclass correlation of being right, ten samples of one model per question. The truth has one spread for all domains, so that the simulated figure hardly moves; the measured ones are higher for knowledge and for answers at once. Measured / simulated (gap).',
    columns: [...beginning, ...depths],
    rows: pairingsOf(report).map((pairing) => [
      ...begin(pairing),
      ...depths.map((depth) => {
        const { measured, simulated } = sidesOf(report, pairing, depth)
        return cellOf(intraclassCorrelation(measured.questions), intraclassCorrelation(simulated.questions))
      }),
    ]),
  }
}

const voteSizes = [3, 5] as const

export function voteSection(report: AnswerReport): Section {
  return {
    id: 'votes',
    title: 'What a vote gains',
    note: 'Plain chain of thought: accuracy of one sample, and what the plurality of 3 and of 5 samples of the same model adds. Measured / simulated (gap).',
    columns: [...beginning, 'one sample', ...voteSizes.map((size) => `gain of ${size}`)],
    rows: pairingsOf(report).map((pairing) => {
      const { measured, simulated } = sidesOf(report, pairing, 'plain')
      const gain = (questions: readonly RepeatedAnswers[], size: number) =>
        voteAccuracy(questions, size) - accuracyOf(questions)
      return [
        ...begin(pairing),
        cellOf(accuracyOf(measured.questions), simulated.accuracy),
        ...voteSizes.map((size) => cellOf(gain(measured.questions, size), gain(simulated.questions, size))),
      ]
    }),
  }
}

/** Of the simulated questions, as many of each domain as the exams hold. */
function mixOf(report: AnswerReport, pairings: readonly Pairing[]) {
  const sides = pairings.map((pairing) => sidesOf(report, pairing, 'plain'))
  const most = Math.max(...sides.map(({ measured }) => measured.questions.length))
  return {
    measured: sides.flatMap(({ measured }) => measured.questions),
    simulated: sides.flatMap(({ measured, simulated }) => {
      const share = measured.questions.length / most
      return simulated.questions.slice(0, Math.round(share * simulated.questions.length))
    }),
  }
}

export function agreementSection(report: AnswerReport): Section {
  const pairings = pairingsOf(report)
  const groups = [
    { name: 'all exams', domains: examDomains },
    ...examDomains.map((domain) => ({ name: domain, domains: [domain] })),
  ]
  return {
    id: 'agreement',
    title: 'What agreement tells',
    note: 'Two samples of one model, plain chain of thought: how often they give the same answer, and how often they are right then and otherwise. Measured / simulated (gap).',
    columns: ['domain', 'measured on', 'they agree', 'P(right, agree)', 'P(right, disagree)'],
    rows: groups.flatMap(({ name, domains }) =>
      measuredModels.map((model) => {
        const chosen = pairings.filter((pairing) => pairing.model === model && domains.includes(pairing.domain))
        const mix = mixOf(report, chosen)
        const [measured, simulated] = [pairAgreement(mix.measured), pairAgreement(mix.simulated)]
        return [
          name,
          model,
          cellOf(measured.agreeFraction, simulated.agreeFraction),
          cellOf(measured.rightWhenAgreed, simulated.rightWhenAgreed),
          cellOf(measured.rightWhenNot, simulated.rightWhenNot),
        ]
      }),
    ),
  }
}
