/** @file What the routes of one gateway share: its ports, who is under way, keys, metrics, and whether it still serves. */
import { randomUUID } from 'node:crypto'
import type { RunId } from '../../core/index.ts'
import { ActiveRequests } from './active-requests.ts'
import { KeyGuard } from './key-guard.ts'
import { GatewayMetrics } from './metrics.ts'
import type { GatewayDeps } from './ports.ts'
import { RunOwners } from './run-owners.ts'

export interface GatewayState {
  readonly deps: GatewayDeps
  readonly active: ActiveRequests
  readonly keys: KeyGuard
  readonly metrics: GatewayMetrics
  readonly owners: RunOwners
  readonly startedAtMs: number
  isDraining: boolean
}

const rememberedOwners = 10_000

export function createGatewayState(deps: GatewayDeps): GatewayState {
  const active = new ActiveRequests(deps.limits.waiting)
  const state: GatewayState = {
    deps,
    active,
    keys: new KeyGuard(deps.keys, deps.clock),
    metrics: new GatewayMetrics({
      cluster: () => deps.cluster(),
      underWay: () => active.size,
      isReady: () => isReady(state),
      policy: () => deps.policy?.() ?? null,
    }),
    owners: new RunOwners(rememberedOwners),
    startedAtMs: deps.clock.nowMs(),
    isDraining: false,
  }
  return state
}

export const isReady = ({ deps, isDraining }: GatewayState): boolean => !isDraining && deps.isReady()

/** Unguessable: with keys in use, knowing a run's name must not be enough to find others. */
export const createRunId = (): RunId => `run_${randomUUID().replaceAll('-', '')}`
