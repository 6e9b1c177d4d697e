/** @file The HTTP face: the gateway and what it is made with. */
export { createGateway } from './gateway.ts'
export type {
  EngineModel,
  Gateway,
  GatewayDeps,
  GatewayLimits,
  GatewayLogger,
  InjectedRequest,
  InjectedResponse,
  PolicyStatus,
  RelayPort,
} from './ports.ts'
