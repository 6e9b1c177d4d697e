/**
 * @file Topologies as data: how many rounds a team works, and who reads whom.
 *
 * A team of K agents answers in rounds. Within a round an agent may wait for earlier ones (`chain`, `earlier`), and it
 * may read the round before (`others`, `all`, `self`); `selfReview` adds a second call in which every agent goes over its
 * own answer; an aggregator answers last. Steps that no edge orders run in parallel. With one agent a round that would
 * read nobody new is left out, and there is nothing to aggregate.
 *
 * `probe` is ours: two cheap answers side by side, and one more step only where they disagree. Agreement between answers
 * tells difficulty far better than the question's text does (calibration, section 8).
 * Sources: the table of the reference systems' graphs; `full-connected` there is a complete directed acyclic graph.
 */
import { z } from 'zod'
import type { TopologyId } from '../../core/index.ts'

const withinRound = ['none', 'chain', 'earlier'] as const
const fromPreviousRound = ['none', 'others', 'all', 'self'] as const

/** Every field of a topology as a config may state it; see `Topology` for the meanings. */
const shape = z.strictObject({
  description: z.string().min(1),
  rounds: z.int().min(1).max(8).default(1),
  edgesWithinRound: z.enum(withinRound).default('none'),
  edgesFromPreviousRound: z.enum(fromPreviousRound).default('none'),
  selfReview: z.boolean().default(false),
  stepByStep: z.boolean().default(false),
  aggregator: z.boolean().default(true),
  escalation: z.boolean().default(false),
})

type TopologyData = z.infer<typeof shape>

/** A complaint names the field at fault and what would do instead. */
const mismatch = (path: keyof TopologyData, message: string) => ({ code: 'custom' as const, path: [path], message })

/** The form of a topology in a config, its fields fitting together. Unknown keys are faults. */
export const topologySchema = shape.superRefine((topology, context) => {
  const { rounds, edgesWithinRound, edgesFromPreviousRound, selfReview, aggregator, escalation } = topology
  const isRepeated = rounds > 1
  if (isRepeated !== (edgesFromPreviousRound !== 'none')) {
    const wanted = isRepeated ? 'others, all or self, since there are several rounds' : 'none, since there is one round'
    context.addIssue(mismatch('edgesFromPreviousRound', wanted))
  }
  const isPlainRound = !isRepeated && edgesWithinRound === 'none' && !selfReview && !aggregator
  if (escalation && !isPlainRound) {
    context.addIssue(mismatch('escalation', 'false, or one round without edges, self-review and aggregator'))
  }
  if (!aggregator && !escalation && (edgesWithinRound === 'none' || selfReview)) {
    context.addIssue(mismatch('aggregator', 'true, since several agents end side by side'))
  }
})

/** A team's form. `id` is its name in configs, requests and records. */
export interface Topology {
  readonly id: TopologyId
  readonly description: string
  /** 1-8. */
  readonly rounds: number
  /** Whom agent i reads in its own round: nobody, agent i-1 (`chain`), or all agents before it (`earlier`). */
  readonly edgesWithinRound: (typeof withinRound)[number]
  /** Whom it reads of the round before: nobody, all but itself, all, or itself alone. */
  readonly edgesFromPreviousRound: (typeof fromPreviousRound)[number]
  /** After the last round every agent goes over its own answer in one more call. */
  readonly selfReview: boolean
  /** Agents are told to take one step at a time. */
  readonly stepByStep: boolean
  /** A last call merges the answers of the last wave. Left out with one agent. */
  readonly aggregator: boolean
  /** One more step that waits for all, reads none, and runs only where they disagree. Left out with one agent. */
  readonly escalation: boolean
}

const builtIn = (id: TopologyId, data: z.input<typeof shape>): Topology =>
  Object.freeze({ id, ...topologySchema.parse(data) })

/** The topologies that every pool offers. */
export const builtInTopologies: readonly Topology[] = [
  builtIn('io', { description: 'Agents answer side by side.' }),
  builtIn('cot', { description: 'Agents answer side by side, one step at a time.', stepByStep: true }),
  builtIn('chain', { description: 'Each agent works on the answer of the one before.', edgesWithinRound: 'chain' }),
  builtIn('full-connected', {
    description: 'Each agent works on the answers of all before it.',
    edgesWithinRound: 'earlier',
  }),
  builtIn('debate', {
    description: 'Agents answer side by side, then each weighs the answers of the others.',
    rounds: 2,
    edgesFromPreviousRound: 'others',
  }),
  builtIn('reflection', {
    description: 'Agents answer side by side, then each goes over its own answer.',
    selfReview: true,
  }),
  builtIn('full-connected-parallel', {
    description: 'Agents answer side by side, then each weighs all answers, its own included.',
    rounds: 2,
    edgesFromPreviousRound: 'all',
  }),
  builtIn('probe', {
    description: 'Cheap answers side by side; one more step where they disagree.',
    aggregator: false,
    escalation: true,
  }),
]
