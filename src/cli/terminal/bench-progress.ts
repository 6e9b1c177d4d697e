/** @file Progress of a long job: how much is done, how fast, how long it will take. */
import { createWallClock } from '../../core/index.ts'
import type { Output } from './output.ts'

interface Progress {
  readonly done: number
  readonly total: number
  /** Were there before this call. */
  readonly resumed: number
}

const everyMs = 5000

/** `2 h 05 min`, `3 min 20 s`, `12 s`. */
export function spell(seconds: number): string {
  const whole = Math.round(seconds)
  const two = (value: number) => String(value).padStart(2, '0')
  if (whole >= 3600) return `${Math.floor(whole / 3600)} h ${two(Math.floor((whole % 3600) / 60))} min`
  return whole >= 60 ? `${Math.floor(whole / 60)} min ${two(whole % 60)} s` : `${whole} s`
}

function describe({ done, total, resumed }: Progress, seconds: number): string {
  const own = done - resumed
  const left = own > 0 && done < total ? `, about ${spell((seconds / own) * (total - done))} left` : ''
  const found = resumed > 0 ? ` (${resumed} found finished)` : ''
  return `${done} of ${total} runs${found}, ${spell(seconds)}${left}`
}

/** Tells progress: in place on a terminal, else a line every few seconds and one at the end. */
export function benchProgress(output: Output): (progress: Progress) => void {
  const clock = createWallClock()
  const startMs = clock.nowMs()
  let toldMs = -Infinity
  return ({ done, total, resumed }) => {
    const nowMs = clock.nowMs()
    const isEnd = done === total
    if (nowMs - toldMs < (output.isTerminal ? 200 : everyMs) && !isEnd) return
    toldMs = nowMs
    const line = describe({ done, total, resumed }, (nowMs - startMs) / 1000)
    if (output.isTerminal) output.raw(`\r\u001b[2K${line}${isEnd ? '\n' : ''}`)
    else output.note(line)
  }
}
