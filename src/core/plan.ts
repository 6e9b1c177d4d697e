/**
 * @file A plan: the team for one query, as a graph of steps.
 *
 * The planner decides topology, number of agents and roles; `team` lays the graph out from the topology's data. A plan
 * may be contingent: escalation steps run only where the answers in hand disagree.
 */
import type { RoleId, StepId, TopologyId } from './ids.ts'

/** What a step does: solve afresh, revise its own answer, review others' answers, or merge them into the last word. */
export type StepKind = 'solve' | 'revise' | 'review' | 'aggregate'
/** How much hangs on a role: `critical` (solver, coder), `support` (critic, analyst), `simple` (formatting). */
export type RoleImportance = 'critical' | 'support' | 'simple'
/** How the last answers become one: by a model call, by vote, or not at all (the last step's answer stands). */
export type MergeKind = 'model' | 'vote' | 'none'

export interface PlannedStep {
  /** `round/agent`, both from 0; the aggregator is `last`. Stable across retries. */
  readonly id: StepId
  readonly kind: StepKind
  readonly role: RoleId
  readonly importance: RoleImportance
  /** It starts when all of these have settled. */
  readonly dependsOn: readonly StepId[]
  /** Those whose outputs stand in its prompt: a part of `dependsOn`. An escalation waits for the probes and reads none. */
  readonly reads: readonly StepId[]
  /** Longest chain of steps from this one to the end, itself included. >= 1. */
  readonly stepsToEnd: number
  /** Runs only where the answers before it disagree. */
  readonly isEscalation: boolean
  /** Its text is the answer when merging is by model or none. Exactly one step of a plan; with voting none. */
  readonly isLast: boolean
}

/** A plan that was weighed, with what was expected of it. */
export interface PlanAlternative {
  readonly topology: TopologyId
  readonly agents: number
  /** Predicted latency of the whole workflow: median in ms. */
  readonly predictedMs: number
  /** Predicted probability of a right answer, 0-1. */
  readonly quality: number
  /** What the planner maximised. */
  readonly score: number
  /** Of a planner that learnt: what it gives this plan, 0-1. */
  readonly probability?: number
}

/** What a planner that only looks on would have done with the same query. */
export interface ShadowPlan {
  readonly planner: string
  readonly topology: TopologyId
  readonly agents: number
  readonly merge: MergeKind
  /** That it gives to its own choice; 1 where it draws or weighs nothing. 0-1. */
  readonly probability: number
  /** Same topology, agents and merge. */
  readonly agrees: boolean
}

export interface Plan {
  readonly topology: TopologyId
  readonly agents: number
  /** In an order that respects `dependsOn`. */
  readonly steps: readonly PlannedStep[]
  readonly merge: MergeKind
  /** Whether later steps may be left out once comparable answers agree. */
  readonly stopsOnAgreement: boolean
  readonly predictedMs: number
  readonly quality: number
  /** What the planner maximised, on the scale of its alternatives' scores. Absent: nothing was weighed. */
  readonly score?: number
  /** Of a planner that learnt: what it gives this plan, 0-1. */
  readonly probability?: number
  /** A stable word for why this plan: `best-score`, `kept-by-hysteresis`, `only-fit`, `nothing-fits`, `tools`, `chat`, `fixed` ... */
  readonly reason: string
  /** The plans weighed and not taken, best first. */
  readonly alternatives: readonly PlanAlternative[]
  /** Present where another policy looks on. */
  readonly shadow?: ShadowPlan
  /** Fingerprint of the policies that decided, where they can change while serving. */
  readonly policyHash?: string
}
