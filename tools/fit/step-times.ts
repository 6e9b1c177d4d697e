/** @file Step times by GPU and model: the kernel sums, what is fitted to them anew, and the fit that the data states. */
import { type CsvRow, fitStepTime, numberAt, type StepPoint, type StepTimeFit } from '../../src/lab/calibrate/index.ts'
import type { DataFolder } from './data-folder.ts'

export type Gpu = 'B200' | 'H100' | 'A100'
export const gpus: readonly Gpu[] = ['B200', 'H100', 'A100']

/** What the data states of a model on a GPU. */
export interface StatedSteps {
  /** Mean relative error of the stated hinge form over the steps that an engine takes. */
  readonly hingeError: number
  readonly parametersB: number
  readonly kvBytesPerToken: number
}

export interface StepTimes {
  readonly points: readonly StepPoint[]
  readonly fit: StepTimeFit
  readonly stated: StatedSteps
}

/** Throws where the data does not hold the pair. */
export function stepTimesOf(
  data: DataFolder,
  { gpu, model }: { readonly gpu: Gpu; readonly model: string },
): StepTimes {
  const isThis = (row: CsvRow) => row['gpu'] === gpu && row['model'] === model
  const points = data.table('step_time_kernel_sum.csv').filter(isThis).map(pointOf)
  const row = data.table('step_time_fits.csv').find(isThis)
  if (points.length === 0 || row === undefined) throw new Error(`no step times of ${model} on ${gpu}`)
  return {
    points,
    fit: fitStepTime(points),
    stated: {
      hingeError: numberAt(row, 'hinge_mape_use'),
      parametersB: numberAt(row, 'params_B'),
      kvBytesPerToken: numberAt(row, 'kv_bytes_per_token'),
    },
  }
}

const pointOf = (row: CsvRow): StepPoint => ({
  prefillTokens: numberAt(row, 'prefill_tokens'),
  decodeSequences: numberAt(row, 'decode_seqs'),
  kvTokens: numberAt(row, 'decode_seqs') * (numberAt(row, 'ctx_per_seq') || 0),
  ms: numberAt(row, 'kernel_sum_ms'),
})
