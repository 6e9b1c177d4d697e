/** @file Who answers: topologies, roles, depths of thought, prompts, and what comes of several answers. */
export * from './answers/index.ts'
export * from './prompts/index.ts'
export * from './roles/index.ts'
export * from './strategies/index.ts'
export * from './topologies/index.ts'
