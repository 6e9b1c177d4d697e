/**
 * @file Vega-Lite specifications to SVG text, without a browser and the same to the byte each time.
 *
 * Widths of texts are Vega's estimate, never a machine's fonts; ids inside an SVG are counted from 0 in each; a view runs
 * to its end without timers. Vega is loaded with the first figure, so that nothing else pays for it.
 * Source: docs/decisions/13-figures-with-vega.md.
 */
import type { TopLevelSpec } from 'vega-lite'

export type FigureSpec = TopLevelSpec

/** What all figures have in common. */
const config: NonNullable<FigureSpec['config']> = {
  background: 'white',
  font: 'sans-serif',
  title: { fontSize: 15, anchor: 'start', subtitleFontSize: 11, subtitleColor: '#555', offset: 12 },
  axis: { labelFontSize: 11, titleFontSize: 12, titleFontWeight: 'normal', gridColor: '#e6e6e6', labelOverlap: true },
  legend: {
    labelFontSize: 11,
    titleFontSize: 12,
    labelLimit: 320,
    symbolType: 'stroke',
    symbolSize: 300,
    symbolStrokeWidth: 2.5,
  },
  header: { labelFontSize: 12, titleFontSize: 12, titleFontWeight: 'normal' },
  view: { stroke: '#cccccc' },
  line: { strokeWidth: 2 },
}

const load = async () => {
  const [vega, vegaLite] = await Promise.all([import('vega'), import('vega-lite')])
  return { vega, compile: vegaLite.compile }
}

/** What Vega exports beside what its types tell. */
interface Untyped {
  readonly textMetrics: { canvas(use: boolean): void }
  resetSVGDefIds(): void
}

/** A problem in the specification throws: figures never come out silently wrong. */
export async function renderSvg(spec: FigureSpec): Promise<string> {
  const { vega, compile } = await load()
  makeRepeatable(vega as object as Untyped)
  const warn = (...parts: readonly unknown[]): never => {
    throw new Error(`vega: ${parts.join(' ')}`)
  }
  const logger = { ...vega.logger(vega.Warn), warn, error: warn }
  const compiled = compile({ ...spec, config }, { logger })
  const view = new vega.View(vega.parse(compiled.spec), { renderer: 'none', logger })
  try {
    return `${await view.toSVG()}\n`
  } finally {
    view.finalize()
  }
}

function makeRepeatable(vega: Untyped): void {
  // A machine that has the native `canvas` would measure texts with its fonts.
  vega.textMetrics.canvas(false)
  vega.resetSVGDefIds()
}
