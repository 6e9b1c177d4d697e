/**
 * @file The scheduler: which waiting call goes next, and to which replica.
 *
 * `createDispatcher` joins the parts: a deadline queue per model ordered by a discipline, admission, and replica choice.
 */
export { createAdmission } from './admission/create-admission.ts'
export { withinSlots } from './admission/within-slots.ts'
export { DeadlineQueue, type Holder, type QueuePlace } from './deadline-queue.ts'
export { createDiscipline, type DisciplineName, disciplineNames } from './disciplines.ts'
export type { DispatchPool } from './dispatch-pool.ts'
export { createDispatcher, type Dispatcher, type DispatcherOptions, type DispatchStats } from './dispatcher.ts'
export type { Visit } from './indexed-heap.ts'
