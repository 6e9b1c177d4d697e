/** @file What commands read from and write to the terminal. */
export { benchProgress } from './bench-progress.ts'
export { commandName } from './command-name.ts'
export { curlLine } from './curl-line.ts'
export { budgetListFlag, collectFlag, listFlag, numberFlag, numberListFlag, rateListFlag } from './flags.ts'
export { type LiveViewFrame, startLiveView } from './live-view.ts'
export { createProcessOutput, type Output } from './output.ts'
export { commitOfCheckout, packageVersion } from './package-version.ts'
export { RunTally } from './run-tally.ts'
