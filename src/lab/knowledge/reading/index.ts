/** @file From graded answers to a reading: quality and length per question. */
export { fitReading, type ReadingInput } from './fit-reading.ts'
