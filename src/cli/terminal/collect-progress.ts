/** @file Progress of a collection: where it is, what it has spent, how fast it goes, how long it will take. */

import { createWallClock } from '../../core/index.ts'
import type { CollectProgress } from '../../lab/collect/index.ts'
import { spell } from './bench-progress.ts'
import type { Output } from './output.ts'

const everyMs = 5000
const names = { 1: 'workflows', 2: 'replays' } as const

/** `sinceStartMs`: since the phase was begun by this call. */
export function describeCollectProgress(progress: CollectProgress, sinceStartMs: number): string {
  const { phase, done, total, resumed, requests, tokens, failures } = progress
  const own = done - resumed
  const found = resumed > 0 ? ` (${resumed} found finished)` : ''
  const perMinute = own > 0 && sinceStartMs > 0 ? `, ${Math.round((own / sinceStartMs) * 60_000)} a minute` : ''
  const left = own > 0 && done < total ? `, about ${spell(((sinceStartMs / own) * (total - done)) / 1000)} left` : ''
  const failed = failures > 0 ? `, ${failures} failures` : ''
  return `phase ${phase}: ${done} of ${total} ${names[phase]}${found}${perMinute}${left}; ${requests} requests, ${tokens} tokens${failed}`
}

/** In place on a terminal, else a line every few seconds and one at the end of a phase. */
export function collectProgress(output: Output): (progress: CollectProgress) => void {
  const clock = createWallClock()
  let phase = 0
  let startMs = clock.nowMs()
  let toldMs = -Infinity
  let hasEnded = false
  return (progress) => {
    const nowMs = clock.nowMs()
    if (progress.phase !== phase) {
      phase = progress.phase
      startMs = nowMs
      toldMs = -Infinity
      hasEnded = false
    }
    const isEnd = progress.done === progress.total
    if ((nowMs - toldMs < (output.isTerminal ? 200 : everyMs) && !isEnd) || hasEnded) return
    toldMs = nowMs
    hasEnded = isEnd
    const line = describeCollectProgress(progress, nowMs - startMs)
    if (output.isTerminal) output.raw(`\r\u001b[2K${line}${isEnd ? '\n' : ''}`)
    else output.note(line)
  }
}
