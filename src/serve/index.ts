/** @file The faces: the HTTP gateway, its config, and runs explained. */
export * from './config/index.ts'
export * from './explain/index.ts'
export * from './explain/index.ts'
export * from './http/index.ts'
