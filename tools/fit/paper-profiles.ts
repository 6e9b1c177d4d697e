/**
 * @file The profiles of the paper's models: `paper-b200` (five on two GPUs), `paper-h100` and `paper-a100` (one each on
 * five), and `small` and `duo` (three and two of them on one card).
 *
 * `paper-b200` takes the step times that the data recommends and that its host overhead was fitted with; the others are
 * fitted anew to the kernel sums of their GPU. All share the truth: the models are the same.
 */
import { type MachineProfile, type Profile, type ProfileTruth, profileSchemaId } from '../../src/core/index.ts'
import { kvCapacityTokens } from '../../src/lab/calibrate/index.ts'
import { priorOfTruth } from '../../src/lab/pools/index.ts'
import type { DataFolder } from './data-folder.ts'
import { paperTruth, truthFile } from './paper-truth.ts'
import { mapTable, quantity, tableOf } from './quantity.ts'
import { type Gpu, stepTimesOf } from './step-times.ts'

type Tier = 'small' | 'medium' | 'large'

export const tiers: Readonly<Record<string, Tier>> = {
  'DeepSeek-R1-Distill-Qwen-32B': 'large',
  'Mistral-Small-24B-Instruct-2501': 'medium',
  'Qwen2.5-Coder-14B-Instruct': 'medium',
  'Llama-3.1-8B-Instruct': 'small',
  'Llama-3.2-3B-Instruct': 'small',
}

const kernels = 'vLLM 0.24.0 bf16 kernel timings on B200 (NVIDIA aiconfigurator, Apache-2.0), summed per model'
const kernelsOf = (gpu: Gpu): string =>
  `vLLM ${gpu === 'A100' ? '0.14.0' : '0.24.0'} bf16 kernel timings on ${gpu} (NVIDIA aiconfigurator, Apache-2.0), summed per model`
const fit = 'fit of a prototype twin to 30 measured runs of the pool (MoA and GPTSwarm shapes, 10 to 200 a minute)'
const elsewhere = 'fitted on B200s; taken to be the same here'
const paper = 'serving settings of the paper (arXiv 2606.11440)'

/** An 80 GB card: 80 GiB. B200's stated 193.27e9 bytes are 180 GiB likewise. */
const cardBytes = 80 * 2 ** 30
const reserveBytes = 2e9

interface Placed {
  readonly model: string
  readonly gpu: Exclude<Gpu, 'B200'>
  /** Share of the card's memory. */
  readonly share: number
}

/** Settings that are the same for every engine of the paper's pool. */
const serving = () => ({
  slots: quantity(16, 'requests', { tag: 'published', source: `${paper}: max_num_seqs` }),
  blockTokens: quantity(16, 'tokens', { tag: 'published', source: "vLLM's default block size" }),
  maxModelLen: quantity(16384, 'tokens', { tag: 'published', source: `${paper}: context` }),
})

function machineOnB200(data: DataFolder, model: string): MachineProfile {
  const { step_time_B200_bf16: steps, fitted_on_measured_runs: fitted } = data.params
  const { dec_c0, dec_c3, b0, w0, k1, k2, k3, k4, kv_capacity_tokens } = steps[model]!
  const { slots, blockTokens, maxModelLen } = serving()
  return {
    slots,
    kvTokens: quantity(kv_capacity_tokens, 'tokens', {
      tag: 'derived',
      source: `${paper}: share of GPU memory, less weights and 2 GB reserve (assumed)`,
    }),
    blockTokens,
    maxModelLen,
    step: quantity({ decodeC0: dec_c0, decodeC3: dec_c3, b0, w0, k1, k2, k3, k4 }, 'ms', {
      tag: 'derived',
      source: `${kernels}; hinge form, valid up to 16 sequences`,
    }),
    host: quantity(fitted.host_ms, 'ms per step', {
      tag: 'fitted',
      source: fit,
      interval: [...fitted.host_ms_range],
    }),
  }
}

/** KV cache of a model in bf16 on a share of a GPU's memory, less 2 GB of reserve. */
export function kvTokensOf(
  { parametersB, kvBytesPerToken }: { readonly parametersB: number; readonly kvBytesPerToken: number },
  { memoryBytes, share }: { readonly memoryBytes: number; readonly share: number },
): number {
  const weightBytes = 2e9 * parametersB
  return kvCapacityTokens({ memoryBytes, utilisationFraction: share, weightBytes, reserveBytes, kvBytesPerToken })
}

function machineOnCard(data: DataFolder, { model, gpu, share }: Placed): MachineProfile {
  const { fit: steps, stated } = stepTimesOf(data, { gpu, model })
  const { slots, blockTokens, maxModelLen } = serving()
  const [low, high] = data.params.fitted_on_measured_runs.host_ms_range
  return {
    slots,
    kvTokens: quantity(kvTokensOf(stated, { memoryBytes: cardBytes, share }), 'tokens', {
      tag: 'derived',
      source: `${share} of 80 GiB, less weights (2 bytes a parameter) and 2 GB reserve (assumed)`,
    }),
    blockTokens,
    maxModelLen,
    step: quantity(steps.coefficients, 'ms', {
      tag: 'derived',
      source: `${kernelsOf(gpu)}; hinge form fitted to steps of up to 16 sequences and 2,048 prompt tokens`,
    }),
    host: quantity(data.params.fitted_on_measured_runs.host_ms, 'ms per step', {
      tag: 'assumed',
      source: `${fit}: ${elsewhere}`,
      interval: [low, high],
    }),
  }
}

interface PoolOptions {
  readonly id: string
  readonly description: string
  readonly gpus: Profile['gpus']
  readonly machines: Readonly<Record<string, MachineProfile>>
  /** Where the pool's overheads come from. */
  readonly overheads: { readonly tag: 'fitted' | 'assumed'; readonly source: string }
  readonly sources: string[]
}

function poolOf(data: DataFolder, options: PoolOptions): Profile {
  const fitted = data.params.fitted_on_measured_runs
  const { id, description, gpus, machines, overheads, sources } = options
  const models = Object.keys(machines)
  const truth = truthOfModels(paperTruth(data.truth), models)
  const apiOverheadMs = fitted.api_overhead_ms_per_request
  return {
    schema: profileSchemaId,
    id,
    description,
    gpus,
    models: { ...machines },
    apiOverheadMs: quantity(apiOverheadMs, 'ms per request', overheads),
    prefillChunkTokens: quantity(fitted.prefill_chunk_tokens, 'tokens per step', overheads),
    colocationEta: quantity(fitted.colocation_eta, 'slowdown per unit of duty of the other engines on the GPU', {
      ...overheads,
      interval: [...fitted.colocation_eta_range],
    }),
    prior: {
      models: tableOf(models, (model) =>
        priorOfTruth({ model, tier: tiers[model]!, truth, machine: machines[model]!, apiOverheadMs }),
      ),
    },
    truth,
    sources,
  }
}

/** The truth of some of its models: every table by model cut down to them. */
function truthOfModels(truth: ProfileTruth, models: readonly string[]): ProfileTruth {
  if (Object.keys(truth.lengthMultiplier.value).length === models.length) return truth
  const only = <T>(table: Readonly<Record<string, T>>) => tableOf(models, (model) => table[model]!)
  const { cotAccuracy, cotMeanOutputTokens, strategyDelta, strategyTokenRatio, flash } = truth
  const tags = Object.entries(cotAccuracy.entryTags ?? {}).filter(([entry]) =>
    models.some((model) => entry.endsWith(`.${model}`)),
  )
  return {
    ...truth,
    cotAccuracy: { ...cotAccuracy, value: mapTable(cotAccuracy.value, only), entryTags: Object.fromEntries(tags) },
    cotMeanOutputTokens: { ...cotMeanOutputTokens, value: mapTable(cotMeanOutputTokens.value, only) },
    lengthMultiplier: { ...truth.lengthMultiplier, value: only(truth.lengthMultiplier.value) },
    outputSigma: { ...truth.outputSigma, value: only(truth.outputSigma.value) },
    strategyDelta: {
      ...strategyDelta,
      value: mapTable(strategyDelta.value, (byStrategy) => mapTable(byStrategy, only)),
    } as ProfileTruth['strategyDelta'],
    strategyTokenRatio: {
      ...strategyTokenRatio,
      value: mapTable(strategyTokenRatio.value, only),
    } as ProfileTruth['strategyTokenRatio'],
    flash: { ...flash, value: { ...flash.value, complies: only(flash.value.complies) } },
  }
}

export function paperB200(data: DataFolder): Profile {
  const { gpu0, gpu1 } = data.params.colocation
  return poolOf(data, {
    id: 'paper-b200',
    description: 'The paper’s pool: five models on two B200 GPUs, vLLM, bf16. Every figure from it is simulated.',
    gpus: [
      { id: 'gpu0', engines: [...gpu0] },
      { id: 'gpu1', engines: [...gpu1] },
    ],
    machines: tableOf(data.truth.models, (model) => machineOnB200(data, model)),
    overheads: { tag: 'fitted', source: fit },
    sources: [kernels, fit, paper, truthFile],
  })
}

const assumedOverheads = { tag: 'assumed', source: `${fit}: ${elsewhere}` } as const

export function paperOn(data: DataFolder, gpu: Exclude<Gpu, 'B200'>): Profile {
  const { models } = data.truth
  return poolOf(data, {
    id: `paper-${gpu.toLowerCase()}`,
    description: `The paper’s five models, each on an ${gpu} of 80 GB of its own, vLLM, bf16. Every figure from it is simulated.`,
    gpus: models.map((model, index) => ({ id: `gpu${index}`, engines: [model] })),
    machines: tableOf(models, (model) => machineOnCard(data, { model, gpu, share: 0.9 })),
    overheads: assumedOverheads,
    sources: [kernelsOf(gpu), fit, paper, truthFile],
  })
}

/** Models of the paper that share one card, by the share of its memory that each of them gets. */
interface SharedCard {
  readonly id: string
  readonly description: string
  readonly gpu: Exclude<Gpu, 'B200'>
  /** 0.9 in all. */
  readonly shares: Readonly<Record<string, number>>
}

function onOneCard(data: DataFolder, { id, description, gpu, shares }: SharedCard): Profile {
  const models = Object.keys(shares)
  return poolOf(data, {
    id,
    description,
    gpus: [{ id: 'gpu0', engines: models }],
    machines: tableOf(models, (model) => machineOnCard(data, { model, gpu, share: shares[model]! })),
    overheads: assumedOverheads,
    sources: [kernelsOf(gpu), fit, paper, truthFile],
  })
}

export const smallPool = (data: DataFolder): Profile =>
  onOneCard(data, {
    id: 'small',
    description: 'Three models that share one A100 of 80 GB, vLLM, bf16. Every figure from it is simulated.',
    gpu: 'A100',
    shares: {
      'Qwen2.5-Coder-14B-Instruct': 0.45,
      'Llama-3.1-8B-Instruct': 0.3,
      'Llama-3.2-3B-Instruct': 0.15,
    },
  })

export const duoPool = (data: DataFolder): Profile =>
  onOneCard(data, {
    id: 'duo',
    description:
      'A strong and a quick model that share one H100 of 80 GB, vLLM, bf16. Every figure from it is simulated.',
    gpu: 'H100',
    shares: { 'Mistral-Small-24B-Instruct-2501': 0.66, 'Llama-3.1-8B-Instruct': 0.24 },
  })
