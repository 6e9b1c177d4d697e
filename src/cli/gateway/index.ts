/** @file The program that serves: everything joined, and how it ends. */
export { foreignPolicies } from './foreign-policies.ts'
export { catchHangUps, type HangUps } from './on-hangup.ts'
export { type GatewayStart, type OpenGateway, openGateway, type Reloaded } from './open-gateway.ts'
export { type ChosenPolicies, policyOf, policyOrTrainingFree } from './policy-of.ts'
export { fingerprint } from './serving-policies.ts'
export { untilStopped } from './until-stopped.ts'
