/**
 * @file Writes profiles/paper-b200.json from the calibration data: `node tools/make-profile.mjs [FOLDER] [--out FILE]`.
 *
 * FOLDER holds `recommended_params.json` and `twin_truth.json`; without it, `$INFRAMIND_SHARED/data`, else
 * `../shared/data` beside the repository. Machine figures and `truth` are taken over as they are; `prior`, what a policy
 * may know, is derived from them and rounded: a policy never sees a benchmark's own numbers.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

const root = resolve(import.meta.dirname, '..')
const strategies = ['Flash', 'Concise', 'DeepThink']
const domains = ['math', 'code', 'knowledge']
const tiers = {
  'DeepSeek-R1-Distill-Qwen-32B': 'large',
  'Mistral-Small-24B-Instruct-2501': 'medium',
  'Qwen2.5-Coder-14B-Instruct': 'medium',
  'Llama-3.1-8B-Instruct': 'small',
  'Llama-3.2-3B-Instruct': 'small',
}

const kernels = 'vLLM 0.24.0 bf16 kernel timings on B200 (NVIDIA aiconfigurator, Apache-2.0), summed per model'
const fit = 'fit of a prototype twin to 30 measured runs of the pool (MoA and GPTSwarm shapes, 10 to 200 a minute)'
const paper = 'serving settings of the paper (arXiv 2606.11440)'
const truthFile = 'calibration data, twin_truth.json'

const quantity = (value, unit, { tag, source, ...more }) => ({ value, unit, tag, source, ...more })
const mapValues = (table, fn) => Object.fromEntries(Object.entries(table).map(([key, value]) => [key, fn(value, key)]))
const table = (keys, fn) => Object.fromEntries(keys.map((key) => [key, fn(key)]))
const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length
const round = (value, digits) => Number(value.toFixed(digits))
const logit = (p) => Math.log(p / (1 - p))
const logistic = (x) => 1 / (1 + Math.exp(-x))

/** One engine's machine figures. */
function machineOf(model, { step_time_B200_bf16: steps, fitted_on_measured_runs: fitted }) {
  const { dec_c0, dec_c3, b0, w0, k1, k2, k3, k4, kv_capacity_tokens } = steps[model]
  const [low, high] = fitted.host_ms_range
  return {
    slots: quantity(16, 'requests', { tag: 'published', source: `${paper}: max_num_seqs` }),
    kvTokens: quantity(kv_capacity_tokens, 'tokens', {
      tag: 'derived',
      source: `${paper}: share of GPU memory, less weights and 2 GB reserve (assumed)`,
    }),
    blockTokens: quantity(16, 'tokens', { tag: 'published', source: "vLLM's default block size" }),
    maxModelLen: quantity(16384, 'tokens', { tag: 'published', source: `${paper}: context` }),
    step: quantity({ decodeC0: dec_c0, decodeC3: dec_c3, b0, w0, k1, k2, k3, k4 }, 'ms', {
      tag: 'derived',
      source: `${kernels}; hinge form, valid up to 16 sequences`,
    }),
    host: quantity(fitted.host_ms, 'ms per step', { tag: 'fitted', source: fit, interval: [low, high] }),
  }
}

const benchmarksOf = (truth, domain) =>
  Object.keys(truth.domain_of_benchmark).filter((benchmark) => truth.domain_of_benchmark[benchmark] === domain)

/** Share of Flash calls that do as told; 1 where the depth shows in a token ratio instead. */
const complianceOf = (truth, { model, strategy }) =>
  truth.strategy_token_ratio.value[strategy][model] === null ? truth.flash.complies[model] : 1

function qualityOf(truth, { model, domain, strategy }) {
  const plain = mean(benchmarksOf(truth, domain).map((benchmark) => truth.cot_accuracy[benchmark].value[model]))
  const shifted = logistic(logit(plain) + truth.strategy_delta_marginal_logit.value[domain][strategy][model])
  const complies = complianceOf(truth, { model, strategy })
  return round(complies * shifted + (1 - complies) * plain, 2)
}

/** The lognormal with mean and variance of the mixture over the domain's benchmarks and over compliance. */
function lengthOf(truth, { model, domain, strategy }) {
  const lengths = truth.cot_mean_output_tokens
  const slope = truth.length_slope_per_sd_of_difficulty.value
  const variance = truth.single_output_sigma.value[model] ** 2 + slope ** 2
  const ratio = truth.strategy_token_ratio.value[strategy][model]
  const complies = complianceOf(truth, { model, strategy })
  const parts = benchmarksOf(truth, domain).flatMap((benchmark) => {
    const plain = lengths.value[benchmark][model] * lengths.multiplier[model]
    if (ratio !== null) return [{ weight: 1, mean: plain * ratio, variance }]
    return [
      { weight: complies, mean: truth.flash.tokens[benchmark], variance: truth.flash.sigma ** 2 },
      { weight: 1 - complies, mean: plain, variance },
    ]
  })
  const total = parts.reduce((sum, part) => sum + part.weight, 0)
  const first = parts.reduce((sum, part) => sum + part.weight * part.mean, 0) / total
  const second = parts.reduce((sum, part) => sum + part.weight * part.mean ** 2 * Math.exp(part.variance), 0) / total
  return { mean: round(first, 0), sigma: round(Math.sqrt(Math.log(second / first ** 2)), 2) }
}

/** Tables by domain and strategy; `general` is read as knowledge, which no benchmark covers either. */
function byDomain(fn) {
  const tables = table(domains, (domain) => table(strategies, (strategy) => fn({ domain, strategy })))
  return { ...tables, general: tables.knowledge }
}

function priorOf(model, { params, truth }) {
  const { dec_c0, dec_c3, b0, k1 } = params.step_time_B200_bf16[model]
  const { host_ms, api_overhead_ms_per_request } = params.fitted_on_measured_runs
  const derived = (source) => ({ tag: 'derived', source })
  return {
    tier: tiers[model],
    quality: quantity(
      byDomain((cell) => qualityOf(truth, { model, ...cell })),
      'probability of a right answer that is not cut',
      derived('mean published or assumed accuracy of the domain, shifted by the strategy and by compliance with it'),
    ),
    outputTokens: quantity(
      byDomain((cell) => lengthOf(truth, { model, ...cell })),
      'tokens (mean) and ln tokens (sigma), not cut',
      derived('mean lengths of the domain and strategy; moments of the mixture over benchmarks and compliance'),
    ),
    ttft: quantity(
      { fixedMs: round(api_overhead_ms_per_request + b0 + host_ms, 1), perTokenMs: round(k1, 5) },
      'ms, ms per prompt token',
      derived('API overhead, one prefill step and its host overhead; slope of the step time in prefill tokens'),
    ),
    tpot: quantity(
      { idleMs: round(dec_c0 + host_ms, 2), perKvTokenMs: round(dec_c3, 7) },
      'ms, ms per token in the KV cache',
      derived('one decode step and its host overhead'),
    ),
  }
}

/** The weakest grade that a set of tag texts holds. */
function weakest(texts) {
  const grades = ['assumed', 'fitted', 'derived', 'published', 'measured']
  const grade = grades.find((word) => texts.some((text) => text.includes(word)))
  if (!grade) throw new Error(`no tag in: ${texts.join(' | ')}`)
  return grade
}

const taken = (value, unit, tag) => quantity(value, unit, { tag: weakest([tag]), source: `${truthFile}: ${tag}` })

function accuracyTable(accuracy) {
  const entryTags = Object.fromEntries(
    Object.entries(accuracy).flatMap(([benchmark, { tag }]) =>
      Object.entries(tag).map(([model, text]) => [`${benchmark}.${model}`, text]),
    ),
  )
  return quantity(
    mapValues(accuracy, ({ value }) => value),
    'fraction of questions, chain of thought, not cut',
    { tag: weakest(Object.values(entryTags)), source: truthFile, entryTags },
  )
}

function truthOf(truth) {
  const { cot_mean_output_tokens: lengths, flash, review, prompt_tokens: prompts } = truth
  const sharesUnit = 'probability'
  return {
    cotAccuracy: accuracyTable(truth.cot_accuracy),
    cotMeanOutputTokens: taken(lengths.value, 'tokens before the multiplier', lengths.tag),
    lengthMultiplier: taken(lengths.multiplier, 'factor', lengths.multiplier_tag),
    outputSigma: taken(truth.single_output_sigma.value, 'ln tokens', truth.single_output_sigma.tag),
    lengthSlopePerSd: taken(
      truth.length_slope_per_sd_of_difficulty.value,
      'ln tokens per standard deviation of difficulty',
      truth.length_slope_per_sd_of_difficulty.tag,
    ),
    sigmaB: taken(truth.sigma_b.value, 'logits', truth.sigma_b.tag),
    sigmaU: taken(truth.sigma_u.value, 'logits', truth.sigma_u.tag),
    domainOfBenchmark: truth.domain_of_benchmark,
    strategyDelta: taken(
      truth.strategy_delta_marginal_logit.value,
      'marginal logits',
      truth.strategy_delta_marginal_logit.tag,
    ),
    strategyTokenRatio: taken(
      truth.strategy_token_ratio.value,
      'factor on plain chain of thought; null: flash table',
      truth.strategy_token_ratio.tag,
    ),
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
    difficultyFromTextR2: taken(
      truth.difficulty_from_text.r2_default,
      'share of variance',
      truth.difficulty_from_text.tag,
    ),
    review: taken(
      { keep: review.p_keep, fixWithoutTests: review.p_fix_no_tests, fixWithTests: review.p_fix_with_tests },
      sharesUnit,
      review.tag,
    ),
    aggregator: taken(aggregatorOf(truth.aggregator.rule), sharesUnit, truth.aggregator.tag),
    sameWrongAnswer: taken(truth.wrong_answers.p_same, sharesUnit, truth.wrong_answers.tag),
    sameTruthAs: truth.synthetic.same_truth_as,
  }
}

/** The four numbers of the aggregator, which the data states as a sentence. */
function aggregatorOf(rule) {
  const numbers = rule.match(/\d\.\d+|\d\.\d/g)?.map(Number) ?? []
  if (numbers.length !== 4) throw new Error(`expected 4 numbers in the aggregator's rule, got: ${rule}`)
  const [noneRight, pluralityRight, minorityBase, minoritySlope] = numbers
  return { noneRight, pluralityRight, minorityBase, minoritySlope }
}

/** The whole profile from the two files' contents. */
function buildProfile(params, truth) {
  const fitted = params.fitted_on_measured_runs
  const { gpu0, gpu1 } = params.colocation
  return {
    schema: 'inframind.profile/1',
    id: 'paper-b200',
    description: 'The paper’s pool: five models on two B200 GPUs, vLLM, bf16. Every figure from it is simulated.',
    gpus: [
      { id: 'gpu0', engines: gpu0 },
      { id: 'gpu1', engines: gpu1 },
    ],
    models: table(truth.models, (model) => machineOf(model, params)),
    apiOverheadMs: quantity(fitted.api_overhead_ms_per_request, 'ms per request', { tag: 'fitted', source: fit }),
    prefillChunkTokens: quantity(fitted.prefill_chunk_tokens, 'tokens per step', { tag: 'fitted', source: fit }),
    colocationEta: quantity(fitted.colocation_eta, 'slowdown per unit of duty of the other engines on the GPU', {
      tag: 'fitted',
      source: fit,
      interval: fitted.colocation_eta_range,
    }),
    prior: { models: table(truth.models, (model) => priorOf(model, { params, truth })) },
    truth: truthOf(truth),
    sources: [kernels, fit, paper, truthFile],
  }
}

function main(args) {
  const outAt = args.indexOf('--out')
  const out = outAt >= 0 ? args[outAt + 1] : join(root, 'profiles/paper-b200.json')
  const shared = process.env.INFRAMIND_SHARED ?? resolve(root, '../shared')
  const folder = args[0] && args[0] !== '--out' ? resolve(args[0]) : join(shared, 'data')
  const read = (name) => JSON.parse(readFileSync(join(folder, name), 'utf8'))
  const profile = buildProfile(read('recommended_params.json'), read('twin_truth.json'))
  writeFileSync(out, `${JSON.stringify(profile, null, 2)}\n`)
}

main(process.argv.slice(2))
