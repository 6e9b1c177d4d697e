/** @file The report: every section, in order, and its place in docs/twin.md. */
import {
  type AnswerReport,
  agreementSection,
  repeatSection,
  strategyAccuracySection,
  strategyTokensSection,
  voteSection,
} from './answer-sections.ts'
import type { DataFolder } from './data-folder.ts'
import { kvSection, stepSection } from './machine-sections.ts'
import { type Section, sectionText } from './markdown-table.ts'
import { paperTruth } from './paper-truth.ts'
import { keepFixSection, latentSection, lengthSection, measuredLengthSection, phiSection } from './pool-sections.ts'
import { createTwinSamples } from './twin-samples.ts'

type SectionOf = (report: AnswerReport) => Section

const sections: readonly SectionOf[] = [
  ({ data }) => stepSection(data),
  ({ data }) => kvSection(data),
  lengthSection,
  measuredLengthSection,
  strategyAccuracySection,
  strategyTokensSection,
  repeatSection,
  phiSection,
  latentSection,
  voteSection,
  agreementSection,
  keepFixSection,
]

export const answerReport = (data: DataFolder): AnswerReport => ({
  data,
  twin: createTwinSamples(paperTruth(data.truth)),
})

export function reportSections(data: DataFolder): readonly Section[] {
  const report = answerReport(data)
  return sections.map((section) => section(report))
}

const begin = '<!-- made by: npm run fit -- report -->'
const end = '<!-- end of what is made -->'

/** `page` with the sections between its two marks. Throws where it lacks them. */
export function placeReport(page: string, made: readonly Section[]): string {
  const [from, to] = [page.indexOf(begin), page.indexOf(end)]
  if (from < 0 || to < from) throw new Error(`expected the page to hold "${begin}" and, after it, "${end}"`)
  return `${page.slice(0, from + begin.length)}\n\n${made.map(sectionText).join('\n\n')}\n\n${page.slice(to)}`
}
