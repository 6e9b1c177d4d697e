/** @file A candidate that a network took, as the choice that ports carry. */
import type { ArmAlternative, Choice } from '../../../core/index.ts'
import { logSumExp } from '../../nn/index.ts'
import { runnersUp } from '../../observe/index.ts'
import { type Safety, toEstimate } from '../../predict/index.ts'
import type { ArmCandidate } from './arm-features.ts'

const mostAlternatives = 5

export interface ScoredPlace {
  readonly place: number
  /** By candidate; the next decision writes over them. */
  readonly logits: Float32Array
}

export interface TakenArm extends ScoredPlace {
  readonly candidates: readonly Pick<ArmCandidate, 'line'>[]
  readonly shareMs: number
  readonly reason: string
}

export function toChoice({ candidates, logits, place, shareMs, reason }: TakenArm, safety: Safety): Choice {
  const { line } = candidates[place] as ArmCandidate
  const logTotal = logSumExp(logits, logits.length)
  const probability = Math.exp((logits[place] as number) - logTotal)
  if (line === null) return { kind: 'stop', reason, probability }
  safety.recordChoice(line.quality)
  return {
    kind: 'arm',
    arm: line.arm,
    estimate: toEstimate(line),
    reason,
    shareMs,
    price: line.price,
    score: logits[place] as number,
    probability,
    ...(line.backup ? { backup: line.backup } : {}),
    alternatives: alternatives({ candidates, logits, place }, logTotal),
  }
}

function alternatives({ candidates, logits, place }: Omit<TakenArm, 'shareMs' | 'reason'>, logTotal: number) {
  // One more than are told: stopping may be among them, and is no arm.
  return runnersUp(logits, { taken: place, most: mostAlternatives + 1 })
    .flatMap((index): readonly ArmAlternative[] => {
      const { line } = candidates[index] as ArmCandidate
      if (line === null) return []
      const { arm, meanMs: predictedMs, quality, price } = line
      const score = logits[index] as number
      return [{ arm, predictedMs, quality, price, score, probability: Math.exp(score - logTotal) }]
    })
    .slice(0, mostAlternatives)
}
