/** @file Plays episodes in the twin and keeps their steps as rows, those of one episode together. */
import type { Episode } from './episodes.ts'
import { playEpisode } from './episodes.ts'
import { createRowWatcher, type StepRow } from './step-rows.ts'
import { watchSteps } from './watch-steps.ts'

/** Rows of one episode, in the order in which its calls ended. */
export async function collectSteps(episode: Episode): Promise<readonly StepRow[]> {
  const rows: StepRow[] = []
  const watcher = createRowWatcher(episode.prior, (row) => rows.push(row))
  await playEpisode(episode, (policies) => watchSteps(policies, watcher))
  return rows
}
