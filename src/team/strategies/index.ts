/** @file Depths of thought: texts, settings, output caps. */
export * from './output-cap.ts'
export * from './strategy.ts'
