/** @file The program that serves: everything joined, and how it ends. */
export { type GatewayStart, type OpenGateway, openGateway } from './open-gateway.ts'
export { policyOf } from './policy-of.ts'
export { untilStopped } from './until-stopped.ts'
