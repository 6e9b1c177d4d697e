/** @file What each part earns, and what of a rival's gap goes away under our scheduler and deadline. */
import type { GrantedGap, PartWorth } from '../numbers/attribution.ts'
import type { Comparison } from '../numbers/comparison.ts'
import type { ReportNumbers } from '../numbers/report-numbers.ts'
import { code, interval, markdownTable, none, percent, placeText, points } from './markdown.ts'

const meanText = (comparison: Comparison | null, group: 'single' | 'mixed' | 'all'): string => {
  const found = comparison?.[group] ?? null
  return found === null ? none : interval(found)
}

const ask = (command: string | null): readonly string[] =>
  command === null ? [] : ['', 'What is missing would come from:', '', '```', command, '```']

export function attributionTable({ attribution }: ReportNumbers): string {
  const { reference, parts, command } = attribution
  const isThere = ({ comparison }: PartWorth) => (comparison?.all ?? null) !== null
  return [
    `Correct goodput of ${code(reference)} less that of itself with one part exchanged, in points: what the part earns.`,
    'Parts overlap, so the worths do not add up.',
    '',
    markdownTable(parts, [
      { head: 'part', align: 'left', value: ({ part }) => part },
      { head: 'in its place', align: 'left', value: ({ instead }) => instead },
      { head: 'method', align: 'left', value: ({ method }) => code(method) },
      {
        head: 'single-dataset cells',
        value: (part) => (isThere(part) ? meanText(part.comparison, 'single') : 'not run'),
      },
      { head: 'mixed cells', value: (part) => (isThere(part) ? meanText(part.comparison, 'mixed') : 'not run') },
      {
        head: 'least in a cell',
        align: 'left',
        value: ({ comparison }) =>
          comparison?.all ? `${points(comparison.all.worst.estimate)} at ${placeText(comparison.all.worst)}` : none,
      },
    ]),
    ...ask(command),
  ].join('\n')
}

/** null: no rival was published without scheduler and deadline. */
export function grantedTable({ granted: { gaps, command }, ours }: ReportNumbers): string | null {
  if (gaps.length === 0) return null
  const variantsText = ({ variants }: GrantedGap) =>
    variants.map((variant) => `${code(variant.method)} ${meanText(variant, 'all')}`).join('; ') || none
  return [
    `Gap of each baseline to ${code(ours)} in points, over all cells: as published, and granted our scheduler and the`,
    'deadline. What goes away is owed to scheduler and deadline; what stays, to planning and routing.',
    '',
    markdownTable(gaps, [
      { head: 'baseline', align: 'left', value: ({ base }) => code(base) },
      { head: 'as published', value: ({ asPublished }) => meanText(asPublished, 'all') },
      { head: 'granted both', value: ({ granted }) => (granted === null ? 'not run' : meanText(granted, 'all')) },
      { head: 'of the gap goes away, %', value: ({ shareGone }) => percent(shareGone) },
      { head: 'other variants', align: 'left', value: variantsText },
    ]),
    ...ask(command),
  ].join('\n')
}
