/** @file Quality and length of arms per question, read off its text. */
export { ReadLengths } from './read-lengths.ts'
export { type CapOf, createReader, type ReadArm, type Reader, type ReadQuestion } from './reader.ts'
