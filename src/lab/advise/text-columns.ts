/** @file Aligned columns for the terminal: the first to the left, figures to the right. */

/** Lines of a table under its heads, indented by two; columns whose head starts with `<` go to the left. */
export function textColumns(heads: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  const isLeft = heads.map((head, index) => index === 0 || head.startsWith('<'))
  const names = heads.map((head) => head.replace(/^</, ''))
  const widths = names.map((name, index) => Math.max(name.length, ...rows.map((row) => row[index]!.length)))
  const line = (cells: readonly string[]) => {
    const padded = cells.map((cell, index) =>
      isLeft[index] ? cell.padEnd(widths[index]!) : cell.padStart(widths[index]!),
    )
    return `  ${padded.join('  ')}`.trimEnd()
  }
  return [line(names), ...rows.map(line)]
}

/** `82.4 %` */
export const percent = (fraction: number): string => `${(100 * fraction).toFixed(1)} %`

/** A change of goodput in points: `+0.3`; what rounds to nothing has no sign. */
export function points(change: number): string {
  const text = (100 * change).toFixed(1)
  if (Number(text) === 0) return '0.0'
  return change > 0 ? `+${text}` : text
}

/** `+0.3`, or `-` for what there is not. */
export const pointsOrNone = (change: number | null): string => (change === null ? '-' : points(change))
