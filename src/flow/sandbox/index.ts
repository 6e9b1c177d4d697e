/** @file Untrusted Python programs, run apart from us: levels of containment, limits, one pool. */
export { type LevelName, levelNames, type PythonInstall } from './level.ts'
export { describeSandbox, openSandbox, type SandboxOptions } from './open-sandbox.ts'
export { type BoxDefaults, defaultOutputBytes, defaultWallMs, type LevelAttempt, type Sandbox } from './sandbox.ts'
