/** @file Progress of a training: what the policy earns, how fast it goes, how long it will take. */
import { createWallClock } from '../../core/index.ts'
import type { TrainProgress } from '../../lab/train/index.ts'
import { spell } from './bench-progress.ts'
import type { Output } from './output.ts'

const everyMs = 5000

const percent = (share: number): string => (100 * share).toFixed(1)

function describe({ line, epochs, bestCorrectGoodput }: TrainProgress, left: string): string {
  const best = `, best on validation ${percent(bestCorrectGoodput)} %`
  const entropy = `entropy ${line.planner.entropy.toFixed(2)} and ${line.executor.entropy.toFixed(2)}`
  return `epoch ${line.epoch + 1} of ${epochs}: ${percent(line.correctGoodput)} % right in time while exploring${best}, ${entropy}${left}`
}

/** Tells progress: in place on a terminal, else a line every few seconds and one at the end. */
export function trainProgress(output: Output): (progress: TrainProgress) => void {
  const clock = createWallClock()
  const startMs = clock.nowMs()
  let toldMs = -Infinity
  let own = 0
  return (progress) => {
    own += 1
    const nowMs = clock.nowMs()
    const { line, epochs } = progress
    const isEnd = line.epoch + 1 === epochs
    if (nowMs - toldMs < (output.isTerminal ? 200 : everyMs) && !isEnd) return
    toldMs = nowMs
    const secondsLeft = ((nowMs - startMs) / 1000 / own) * (epochs - line.epoch - 1)
    const text = describe(progress, isEnd ? '' : `, about ${spell(secondsLeft)} left`)
    if (output.isTerminal) output.raw(`\r\u001b[2K${text}${isEnd ? '\n' : ''}`)
    else output.note(text)
  }
}
