/** @file What commands read from and write to the terminal. */
export { commandName } from './command-name.ts'
export { curlLine } from './curl-line.ts'
export { collectFlag, numberFlag, numberListFlag } from './flags.ts'
export { type LiveViewFrame, startLiveView } from './live-view.ts'
export { createProcessOutput, type Output } from './output.ts'
export { RunTally } from './run-tally.ts'
