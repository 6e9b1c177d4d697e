/**
 * @file How much to shrink: k-fold cross-validation that leaves out whole questions.
 *
 * Levels are let in one after the other (shared, model, depth, arm), each with the penalty under which the left-out
 * questions are told best, and only if that is surely better than without the level: by more than one standard error of
 * the paired difference over questions. So where the text tells nothing, all weights are zero and the fit is the mean.
 *
 * Decisions go by the differences between arms, and choosing the best of many picks out their errors: on mixed questions
 * the penalties that predict best chose worse arms than no reading at all. What sets arms apart is shrunk further.
 */
import { clamp, logistic } from '../../../core/index.ts'
import { type LevelPenalties, levelNames } from './arm-levels.ts'
import { createDesign, type Design } from './design.ts'
import { type ArmFit, type FitTerms, fitArms, weigh } from './fit-arms.ts'

const foldCount = 5
/** Penalties in questions' worth: weights are shrunk by half where so many questions speak for them. */
const grid = [3, 10, 30, 100, 300, 1000]
/** Standard errors by which a level must help. */
const sureErrors = 1
/**
 * Factor on the penalties of all levels but the shared one. Picked by the worth of the chosen arms (quality less a price on
 * time, by the twin's own chances) on ungraded training and validation questions. On mixed ones, against no reading: 1: -0.20
 * points, 4: -0.11, 10: -0.12; on MATH and MMLU-Pro alone 4: +0.26, 10: +0.30. So 4 and 10 cannot be told apart.
 */
const contrastCaution = 10

const nothing: LevelPenalties = { shared: Infinity, model: Infinity, strategy: Infinity, arm: Infinity }

interface Fold {
  readonly design: Design
  readonly targets: Float64Array
  /** Places of the questions left out. */
  readonly out: readonly number[]
}

/** `rows`: features by question. `targets`: [questions, arms]. Folds go by place: question i is left out in fold i mod 5. */
export function choosePenalties(
  rows: readonly Float64Array[],
  targets: Float64Array,
  { table, kind }: Pick<FitTerms, 'table' | 'kind'>,
): LevelPenalties {
  const arms = table.models * table.strategies
  const folds = makeFolds(rows, targets, arms)
  const lossesUnder = (penalties: LevelPenalties): Float64Array => {
    const losses = new Float64Array(rows.length)
    for (const { design, targets: seen, out } of folds) {
      const fit = fitArms(design, seen, { table, kind, penalties })
      for (const place of out)
        losses[place] = lossOf(fit, rows[place]!, targets.subarray(place * arms, (place + 1) * arms), kind)
    }
    return losses
  }
  let chosen = nothing
  let losses = lossesUnder(nothing)
  for (const level of levelNames) {
    const tried = grid.map((penalty) => {
      const penalties = { ...chosen, [level]: penalty }
      return { penalties, losses: lossesUnder(penalties) }
    })
    const best = tried.reduce((a, b) => (sumOf(b.losses) < sumOf(a.losses) ? b : a))
    if (!isSurelyBetter(best.losses, losses)) continue
    chosen = best.penalties
    losses = best.losses
  }
  const { shared, model, strategy, arm } = chosen
  return {
    shared,
    model: model * contrastCaution,
    strategy: strategy * contrastCaution,
    arm: arm * contrastCaution,
  }
}

function makeFolds(rows: readonly Float64Array[], targets: Float64Array, arms: number): readonly Fold[] {
  return Array.from({ length: foldCount }, (_, fold) => {
    const seen = rows.flatMap((_row, place) => (place % foldCount === fold ? [] : [place]))
    return {
      design: createDesign(seen.map((place) => rows[place]!)),
      targets: Float64Array.from(seen.flatMap((place) => [...targets.subarray(place * arms, (place + 1) * arms)])),
      out: rows.flatMap((_row, place) => (place % foldCount === fold ? [place] : [])),
    }
  })
}

/** Mean loss of one question over the arms: cross-entropy, or half the squared error. */
function lossOf(
  { intercepts, weights }: ArmFit,
  row: Float64Array,
  targets: Float64Array,
  kind: FitTerms['kind'],
): number {
  let loss = 0
  for (let arm = 0; arm < intercepts.length; arm += 1) {
    const value = intercepts[arm]! + weigh(weights, arm, row)
    const target = targets[arm]!
    if (kind === 'linear') loss += (target - value) ** 2 / 2
    else {
      const p = clamp(logistic(value), 0.001, 0.999)
      loss -= target * Math.log(p) + (1 - target) * Math.log(1 - p)
    }
  }
  return loss / intercepts.length
}

const sumOf = (values: Float64Array): number => values.reduce((sum, value) => sum + value, 0)

/** Whether `after` is below `before` by more than a standard error of their paired difference. */
function isSurelyBetter(after: Float64Array, before: Float64Array): boolean {
  const count = before.length
  const gains = before.map((value, place) => value - after[place]!)
  const gain = sumOf(gains) / count
  const variance = gains.reduce((sum, value) => sum + (value - gain) ** 2, 0) / (count - 1)
  return gain > 0 && gain > sureErrors * Math.sqrt(variance / count)
}
