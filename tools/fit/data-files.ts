/** @file The forms of `recommended_params.json` and `twin_truth.json`, as far as profiles are made of them. */
import type { StrategyId } from '../../src/core/index.ts'

type ByModel<T> = Readonly<Record<string, T>>
type ByBenchmark<T> = Readonly<Record<string, T>>

interface Tagged<T> {
  readonly value: T
  readonly tag: string
}

interface StepRow {
  readonly dec_c0: number
  readonly dec_c3: number
  readonly b0: number
  readonly w0: number
  readonly k1: number
  readonly k2: number
  readonly k3: number
  readonly k4: number
  readonly kv_capacity_tokens: number
}

export interface ParamsFile {
  readonly step_time_B200_bf16: ByModel<StepRow>
  readonly colocation: { readonly gpu0: readonly string[]; readonly gpu1: readonly string[] }
  readonly fitted_on_measured_runs: {
    readonly host_ms: number
    readonly host_ms_range: readonly [number, number]
    readonly colocation_eta: number
    readonly colocation_eta_range: readonly [number, number]
    readonly api_overhead_ms_per_request: number
    readonly prefill_chunk_tokens: number
  }
}

type Pair = [number, number]

export interface TruthFile {
  readonly models: readonly string[]
  readonly cot_accuracy: ByBenchmark<{ readonly value: ByModel<number>; readonly tag: ByModel<string> }>
  readonly cot_mean_output_tokens: Tagged<ByBenchmark<ByModel<number>>> & {
    readonly multiplier: ByModel<number>
    readonly multiplier_tag: string
  }
  readonly single_output_sigma: Tagged<ByModel<number>>
  readonly length_slope_per_sd_of_difficulty: Tagged<number>
  readonly sigma_b: Tagged<ByBenchmark<number>>
  readonly sigma_u: Tagged<number>
  readonly domain_of_benchmark: ByBenchmark<'math' | 'code' | 'knowledge'>
  readonly strategy_delta_marginal_logit: Tagged<Readonly<Record<string, Record<StrategyId, ByModel<number>>>>>
  readonly strategy_token_ratio: Tagged<Record<StrategyId, ByModel<number | null>>>
  readonly flash: {
    readonly complies: ByModel<number>
    readonly tokens: ByBenchmark<number>
    readonly sigma: number
    readonly tag: string
  }
  readonly truncation: { readonly max_tokens: number; readonly tag: string }
  readonly unusable_label_share: { readonly 'gsm-hard': number; readonly tag: string }
  readonly prompt_tokens: {
    readonly question_mean: ByBenchmark<number>
    readonly question_sigma: number
    readonly template: number
    readonly tag: string
  }
  readonly difficulty_from_text: { readonly r2_default: number; readonly tag: string }
  readonly review: {
    readonly p_keep: Pair
    readonly p_fix_no_tests: Pair
    readonly p_fix_with_tests: Pair
    readonly tag: string
  }
  readonly aggregator: { readonly rule: string; readonly tag: string }
  readonly wrong_answers: { readonly p_same: number; readonly tag: string }
  readonly synthetic: { readonly same_truth_as: Readonly<Record<string, string>> }
}
