/** @file A section of the report, and its text in Markdown. */

export interface Section {
  /** Name on the command line. */
  readonly id: string
  readonly title: string
  /** What was compared with what; one paragraph. */
  readonly note: string
  readonly columns: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

export function sectionText({ title, note, columns, rows }: Section): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  return [`### ${title}`, '', note, '', line(columns), line(columns.map(() => '---')), ...rows.map(line)].join('\n')
}

/** `digits` decimals; a dash where there is no number; never "-0.00". */
export function fixed(value: number, digits = 2): string {
  if (!Number.isFinite(value)) return '-'
  const text = value.toFixed(digits)
  return Number(text) === 0 ? (0).toFixed(digits) : text
}

/** With its sign: a gap. */
export const signed = (value: number, digits = 2): string =>
  Number.isFinite(value) && Number(value.toFixed(digits)) > 0 ? `+${fixed(value, digits)}` : fixed(value, digits)

export const percent = (fraction: number, digits = 1): string => `${fixed(100 * fraction, digits)} %`
export const signedPercent = (fraction: number, digits = 1): string => `${signed(100 * fraction, digits)} %`
