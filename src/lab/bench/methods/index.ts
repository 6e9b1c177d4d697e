/** @file What the benchmark compares. */
export { disciplineOf, type Method, type MethodBase, type SchedulerName } from './method.ts'
export { bestFixed, methodNames, parseMethod, readBestFixed, singleName } from './parse-method.ts'
