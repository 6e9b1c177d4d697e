/** @file Where a command's engines come from: a config's, or the embedded simulated ones. */
export { type ListedEngine, listEngines, openEngines, statedTiers } from './engine-list.ts'
export { startTwinEngines, stopTwinEngines, type TwinEngine, type TwinEnginesOptions } from './twin-engines.ts'
