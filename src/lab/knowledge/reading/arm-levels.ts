/**
 * @file Weights of arms in four levels: what all arms share, what a model adds, what a depth adds, and the arm's own part.
 *
 * A table [models, strategies] is its mean, plus row means less that, plus column means less that, plus the rest (two-way
 * analysis of variance). The parts are orthogonal, so each level can be shrunk by a penalty of its own without touching
 * the others: this is the hierarchy of the fit. Arms stand model by model, depths within.
 */

/** Penalty of each level, >= 0; Infinity: the level is not there. */
export interface LevelPenalties {
  readonly shared: number
  readonly model: number
  readonly strategy: number
  readonly arm: number
}

export const levelNames = ['shared', 'model', 'strategy', 'arm'] as const
export type LevelName = (typeof levelNames)[number]

/** How many models and depths there are. */
export interface ArmTable {
  readonly models: number
  readonly strategies: number
}

/**
 * Replaces `table`, [models, strategies], by the sum of its levels, each times its factor. In place.
 * `factorOf` is asked once for each level.
 */
export function scaleLevels(
  table: Float64Array,
  { models, strategies }: ArmTable,
  factorOf: (level: LevelName) => number,
): void {
  const rows = new Float64Array(models)
  const columns = new Float64Array(strategies)
  let shared = 0
  for (let row = 0; row < models; row += 1) {
    for (let column = 0; column < strategies; column += 1) {
      const value = table[row * strategies + column] as number
      rows[row] = (rows[row] as number) + value / strategies
      columns[column] = (columns[column] as number) + value / models
      shared += value / (models * strategies)
    }
  }
  const factors = { shared: factorOf('shared'), model: factorOf('model'), strategy: factorOf('strategy') }
  const own = factorOf('arm')
  for (let row = 0; row < models; row += 1) {
    for (let column = 0; column < strategies; column += 1) {
      const place = row * strategies + column
      const ofModel = (rows[row] as number) - shared
      const ofStrategy = (columns[column] as number) - shared
      const rest = (table[place] as number) - shared - ofModel - ofStrategy
      table[place] = factors.shared * shared + factors.model * ofModel + factors.strategy * ofStrategy + own * rest
    }
  }
}
