/** @file Learning and measuring: worlds, profiles, questions. */
export * from './policy-file.ts'
export * from './profile-file.ts'
export * from './run-ids.ts'
export * from './twin-world.ts'
export * from './workload.ts'
export * from './world.ts'
