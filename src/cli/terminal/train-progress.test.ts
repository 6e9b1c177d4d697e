import { beforeEach, describe, expect, it, vi } from 'vitest'
import { captureOutput } from '../../../test/captured-output.ts'
import type { TrainProgress } from '../../lab/train/index.ts'
import { trainProgress } from './train-progress.ts'

const level = { entropy: 1.5 } as TrainProgress['line']['planner']
const progressAt = (epoch: number): TrainProgress => ({
  line: {
    epoch,
    correctGoodput: 0.7654,
    planner: level,
    executor: { ...level, entropy: 0.75 },
  } as TrainProgress['line'],
  epochs: 10,
  playedMs: 1,
  learntMs: 1,
  bestCorrectGoodput: 0.7811,
})

describe('progress of a training', () => {
  let nowMs = 0
  beforeEach(() => {
    nowMs = 0
    vi.spyOn(performance, 'now').mockImplementation(() => nowMs)
    return () => vi.restoreAllMocks()
  })

  it('is told every few seconds and at the end, with what was earned and the time left', () => {
    const output = captureOutput()
    const tell = trainProgress(output)
    nowMs = 10_000
    tell(progressAt(4))
    nowMs = 12_000
    tell(progressAt(5))
    nowMs = 12_100
    tell(progressAt(9))
    const told = '76.5 % right in time while exploring, best on validation 78.1 %, entropy 1.50 and 0.75'
    // Five epochs were there before: the one of this call took ten seconds, and five are left.
    expect(output.notes).toEqual([`epoch 5 of 10: ${told}, about 50 s left`, `epoch 10 of 10: ${told}`])
  })
})
