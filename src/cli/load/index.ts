/** @file Load that the demo puts on itself. */
export { type BackgroundLoadOptions, startBackgroundLoad } from './background-load.ts'
