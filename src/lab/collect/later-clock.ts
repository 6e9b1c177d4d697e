/**
 * @file A clock that goes on where a collection was left.
 *
 * A scaled clock runs ahead of the wall: begun anew an hour later, it would say instants that an earlier call of the
 * command has written already, and calls of both would look as if they had been under way together. So every session
 * begins after the last end that is written down.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Clock } from '../../core/index.ts'

/** Between two sessions, so that nothing of one looks caused by the other. ms. */
const gapMs = 60_000

/** `base`, set forward where it would not be after the calls in the folder `out`; at the same speed. */
export function createLaterClock(base: Clock, out: string): Clock {
  const shiftMs = Math.max(0, lastEndMs(out) + gapMs - base.nowMs())
  if (shiftMs === 0 || !Number.isFinite(shiftMs)) return base
  return { nowMs: () => base.nowMs() + shiftMs, at: (ms, fn) => base.at(ms - shiftMs, fn) }
}

/** Of the calls written down; -Infinity: none. */
function lastEndMs(out: string): number {
  let last = -Infinity
  for (const [, text] of textOf(join(out, 'calls.jsonl')).matchAll(/"finishedAtMs":(-?[\d.e+]+)/g))
    last = Math.max(last, Number(text))
  return last
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    // Nothing there yet; what else is wrong with it is told when the folder is opened.
    return ''
  }
}
