/** @file The `truth` of a profile from `twin_truth.json`: taken over as it is, each table with its weakest tag. */
import type { ProfileTruth } from '../../src/core/index.ts'
import type { TruthFile } from './data-files.ts'
import { mapTable, quantity, weakestTag } from './quantity.ts'

export const truthFile = 'calibration data, twin_truth.json'

const taken = <T>(value: T, unit: string, tag: string) =>
  quantity(value, unit, { tag: weakestTag([tag]), source: `${truthFile}: ${tag}` })

function accuracyTable(accuracy: TruthFile['cot_accuracy']) {
  const entryTags = Object.fromEntries(
    Object.entries(accuracy).flatMap(([benchmark, { tag }]) =>
      Object.entries(tag).map(([model, text]) => [`${benchmark}.${model}`, text]),
    ),
  )
  return quantity(
    mapTable(accuracy, ({ value }) => value),
    'fraction of questions, chain of thought, not cut',
    { tag: weakestTag(Object.values(entryTags)), source: truthFile, entryTags },
  )
}

/** The four numbers of the aggregator, which the data states as a sentence. */
function aggregatorOf(rule: string) {
  const numbers = rule.match(/\d\.\d+|\d\.\d/g)?.map(Number) ?? []
  if (numbers.length !== 4) throw new Error(`expected 4 numbers in the aggregator's rule, got: ${rule}`)
  const [noneRight, pluralityRight, minorityBase, minoritySlope] = numbers as [number, number, number, number]
  return { noneRight, pluralityRight, minorityBase, minoritySlope }
}

const probability = 'probability'

export function paperTruth(truth: TruthFile): ProfileTruth {
  return { ...lengthsAndDifficulty(truth), ...strategies(truth), ...teams(truth) }
}

function lengthsAndDifficulty(truth: TruthFile) {
  const lengths = truth.cot_mean_output_tokens
  const slope = truth.length_slope_per_sd_of_difficulty
  return {
    cotAccuracy: accuracyTable(truth.cot_accuracy),
    cotMeanOutputTokens: taken(lengths.value, 'tokens before the multiplier', lengths.tag),
    lengthMultiplier: taken(lengths.multiplier, 'factor', lengths.multiplier_tag),
    outputSigma: taken(truth.single_output_sigma.value, 'ln tokens', truth.single_output_sigma.tag),
    lengthSlopePerSd: taken(slope.value, 'ln tokens per standard deviation of difficulty', slope.tag),
    sigmaB: taken(truth.sigma_b.value, 'logits', truth.sigma_b.tag),
    sigmaU: taken(truth.sigma_u.value, 'logits', truth.sigma_u.tag),
    domainOfBenchmark: truth.domain_of_benchmark,
  }
}

function strategies(truth: TruthFile) {
  const { strategy_delta_marginal_logit: delta, strategy_token_ratio: ratio, flash, prompt_tokens: prompts } = truth
  return {
    strategyDelta: taken(delta.value, 'marginal logits', delta.tag),
    strategyTokenRatio: taken(ratio.value, 'factor on plain chain of thought; null: flash table', ratio.tag),
    flash: taken(
      { complies: flash.complies, tokens: flash.tokens, sigma: flash.sigma },
      'probability, tokens, ln tokens',
      flash.tag,
    ),
    maxOutputTokens: taken(truth.truncation.max_tokens, 'tokens', truth.truncation.tag),
    unusableLabelShare: taken(
      { 'gsm-hard': truth.unusable_label_share['gsm-hard'] },
      'fraction of questions',
      truth.unusable_label_share.tag,
    ),
    promptTokens: taken(
      { questionMean: prompts.question_mean, questionSigma: prompts.question_sigma, template: prompts.template },
      'tokens, ln tokens, tokens',
      prompts.tag,
    ),
  }
}

function teams(truth: TruthFile) {
  const { difficulty_from_text: text, review, aggregator, wrong_answers: wrong } = truth
  return {
    difficultyFromTextR2: taken(text.r2_default, 'share of variance', text.tag),
    review: taken(
      { keep: review.p_keep, fixWithoutTests: review.p_fix_no_tests, fixWithTests: review.p_fix_with_tests },
      probability,
      review.tag,
    ),
    aggregator: taken(aggregatorOf(aggregator.rule), probability, aggregator.tag),
    sameWrongAnswer: taken(wrong.p_same, probability, wrong.tag),
    sameTruthAs: truth.synthetic.same_truth_as,
  }
}
