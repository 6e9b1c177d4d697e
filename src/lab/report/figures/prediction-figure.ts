/** @file Prediction error over load: bias as a point, one standard deviation to each side as a bar. */
import { distinct } from '../results/results.ts'
import { byMethod, type Figure, type FigureInput, panel, subtitleOf } from './figure.ts'

/** null: nothing was predicted. */
export function predictionFigure(input: FigureInput): Figure | null {
  const values = input.numbers.predictions
    .filter(({ method }) => input.methods.some(({ name }) => name === method))
    .map(({ method, ratePerMinute, of, bias, spread }) => ({
      method,
      rate: ratePerMinute,
      of: of === 'step' ? 'of a step' : 'of a query',
      bias,
      low: bias - spread,
      high: bias + spread,
    }))
  if (values.length === 0) return null
  const methods = distinct(values.map(({ method }) => method))
  const { color } = byMethod(input)
  const range = methods.map((name) => input.scale.colours[input.scale.domain.indexOf(name)] as string)
  const title = 'Prediction error of times over load'
  return {
    name: 'prediction-error',
    title,
    spec: {
      title: { text: title, subtitle: subtitleOf(input, 'all datasets and budgets', 'bars: one standard deviation') },
      data: { values },
      facet: { field: 'of', type: 'nominal', sort: ['of a step', 'of a query'], title: null },
      columns: 2,
      spec: {
        width: 1.6 * panel.width,
        height: 1.2 * panel.height,
        encoding: {
          x: {
            field: 'rate',
            type: 'ordinal',
            sort: distinct(values.map(({ rate }) => rate)),
            title: 'arrivals per minute',
            axis: { labelAngle: 0 },
          },
          xOffset: { field: 'method', type: 'nominal', sort: [...methods] },
          color: { ...color, scale: { domain: [...methods], range } },
        },
        layer: [
          {
            mark: { type: 'rule', color: '#999999' },
            encoding: {
              y: { datum: 0 },
              x: { value: 0 },
              x2: { value: 'width' },
              xOffset: { value: 0 },
              color: { value: '#999999' },
            },
          },
          {
            mark: { type: 'rule', strokeWidth: 2 },
            encoding: {
              y: { field: 'low', type: 'quantitative', title: 'log(actual / predicted)' },
              y2: { field: 'high' },
            },
          },
          {
            mark: { type: 'point', filled: true, size: 50, opacity: 1 },
            encoding: { y: { field: 'bias', type: 'quantitative' } },
          },
        ],
      },
    },
  }
}
