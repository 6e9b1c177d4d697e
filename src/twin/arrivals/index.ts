/** @file When queries come: processes in a stream of chance, and recorded traces. */
export {
  type ArrivalOptions,
  type ArrivalProcess,
  burstArrivals,
  type OnOffShape,
  onOffArrivals,
  poissonArrivals,
} from './arrival-process.ts'
export { type ArrivalSpec, createArrivals, parseArrivals } from './arrival-spec.ts'
export { traceArrivals, tracedRatePerMinute } from './trace-arrivals.ts'
export { type ArrivalTrace, parseTrace, readTraceFile } from './trace-rows.ts'
