/** @file Report on machines: step times fitted anew beside the stated fit, and KV capacity from memory beside the stated one. */
import { isWithin, servingRegion, stepTimeError } from '../../src/lab/calibrate/index.ts'
import type { DataFolder } from './data-folder.ts'
import { fixed, percent, type Section, signedPercent } from './markdown-table.ts'
import { kvTokensOf, paperB200 } from './paper-profiles.ts'
import { gpus, stepTimesOf } from './step-times.ts'

/** Of 193.27e9 bytes of a B200: what the paper's settings give each engine. */
const b200 = { memoryBytes: 193.27e9, shares: [0.5, 0.3, 0.18, 0.15, 0.12] } as const

export function stepSection(data: DataFolder): Section {
  const shipped = paperB200(data).models
  return {
    id: 'steps',
    title: 'Step times',
    note: 'Mean absolute error relative to the kernel sums, over the steps that an engine takes (up to 16 sequences, up to 2,048 prompt tokens). `paper-b200` ships the stated coefficients, with which its host overhead was fitted; the other profiles ship those fitted anew (`src/lab/calibrate/fit-step-time.ts`). No profile ships an interpolation grid.',
    columns: ['GPU', 'model', 'stated hinge', 'fitted anew', 'decode only', 'with prefill', 'worst point', 'shipped'],
    rows: gpus.flatMap((gpu) =>
      data.truth.models.map((model) => {
        const { points, fit, stated } = stepTimesOf(data, { gpu, model })
        const within = points.filter((point) => isWithin(point, servingRegion))
        const error = gpu === 'B200' ? stepTimeError(shipped[model]!.step.value, within) : fit.all
        return [
          gpu,
          model,
          percent(stated.hingeError),
          percent(fit.all.mean),
          percent(fit.decode.mean),
          percent(fit.prefill.mean),
          percent(fit.all.max, 0),
          percent(error.mean),
        ]
      }),
    ),
  }
}

export function kvSection(data: DataFolder): Section {
  return {
    id: 'kv',
    title: 'KV capacity',
    note: 'Tokens = (memory x share - 2 bytes a parameter - 2 GB) / bytes per token. The stated figure for the 32B model rests on slightly smaller weights. Alone on an 80 GB card that model has room for two full contexts and little more: expect preemption there.',
    columns: ['model', 'B200 share', 'fitted', 'stated', 'gap', '80 GiB x 0.9 (H100, A100)'],
    rows: data.truth.models.map((model, index) => {
      const { stated } = stepTimesOf(data, { gpu: 'B200', model })
      const share = b200.shares[index]!
      const fitted = kvTokensOf(stated, { memoryBytes: b200.memoryBytes, share })
      const statedTokens = data.params.step_time_B200_bf16[model]!.kv_capacity_tokens
      const alone = kvTokensOf(stated, { memoryBytes: 80 * 2 ** 30, share: 0.9 })
      return [
        model,
        fixed(share),
        String(fitted),
        String(statedTokens),
        signedPercent(fitted / statedTokens - 1),
        String(alone),
      ]
    }),
  }
}
