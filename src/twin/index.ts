/** @file The digital twin: simulated engines, their answers and their server face. */
export * from './answers/index.ts'
