/**
 * @file Disciplines: in which order a model's waiting calls are sent.
 *
 * `edf-demote` (default): earliest deadline first, and a call that can no longer make its deadline goes after every one that
 * can. Plain `edf` collapses in overload, because the calls nearest their deadline are the hopeless ones: at 1.5 times the
 * capacity it is on time for some 4 % of calls, with demotion for some 80 % (overload.test.ts). `edf` and `fcfs` are baselines.
 *
 * Sources: earliest deadline first: Liu and Layland 1973; the demotion follows the feasibility test of JITServe, with our own
 * margin, and judges the whole rest of the workflow instead of one call.
 */
import type { Discipline, QueuedCall } from '../../core/index.ts'

/** Share of the expected remaining time that must still fit. Below 1, since estimates err and a call demoted in error is lost. */
const neededFraction = 0.8

/** Last instant at which starting the call still makes its workflow's deadline: deadlineAtMs - 0.8 * remainingMs. */
export const latestStartAtMs = (call: QueuedCall): number => call.deadlineAtMs - neededFraction * call.remainingMs

export const disciplineNames = ['edf-demote', 'edf', 'fcfs'] as const
export type DisciplineName = (typeof disciplineNames)[number]

const disciplines: Readonly<Record<DisciplineName, Discipline>> = {
  'edf-demote': { name: 'edf-demote', key: (call) => call.deadlineAtMs, latestStartAtMs },
  edf: { name: 'edf', key: (call) => call.deadlineAtMs },
  fcfs: { name: 'fcfs', key: (call) => call.enqueuedAtMs },
}

export const createDiscipline = (name: DisciplineName = 'edf-demote'): Discipline => disciplines[name]
