/**
 * @file What `/metrics` says of the policies: which serve, where they were left out, how far another one agrees.
 *
 * Counted where decisions are made, read at each scrape; the counters never fall while the process lives.
 */
import { Counter, Gauge, type Registry } from 'prom-client'
import type { PolicyStatus } from './ports.ts'

type Labels = Readonly<Record<string, string>>
type Counts = readonly ({ readonly count: number } & Labels)[] | readonly (object & { readonly count: number })[]

interface CounterSpec {
  readonly name: string
  readonly help: string
  readonly labelNames: readonly string[]
  readonly counts: (status: PolicyStatus) => Counts
}

const counters: readonly CounterSpec[] = [
  {
    name: 'policy_fallbacks_total',
    help: 'Decisions left to the training-free policy, and policies that could not be loaded.',
    labelNames: ['level', 'reason'],
    counts: ({ fallbacks }) => fallbacks,
  },
  {
    name: 'policy_shadow_total',
    help: 'Decisions that another policy was asked for too.',
    labelNames: ['level', 'outcome'],
    counts: ({ comparisons }) => comparisons,
  },
  {
    name: 'policy_reloads_total',
    help: 'Reloads of the configuration.',
    labelNames: ['outcome'],
    counts: ({ reloads }) => reloads,
  },
]

export function addPolicyMetrics(registry: Registry, status: () => PolicyStatus | null): void {
  const registers = [registry]
  for (const { name, help, labelNames, counts } of counters) {
    new Counter({
      name: `inframind_${name}`,
      help,
      labelNames: [...labelNames],
      registers,
      collect() {
        const now = status()
        this.reset()
        if (now === null) return
        for (const { count, ...labels } of counts(now)) this.inc(labels, count)
      },
    })
  }
  new Gauge({
    name: 'inframind_policy_info',
    help: 'Which policies serve: always 1.',
    labelNames: ['planner', 'executor', 'hash'],
    registers,
    collect() {
      const now = status()
      this.reset()
      if (now !== null) this.set({ planner: now.planner, executor: now.executor, hash: now.hash }, 1)
    },
  })
}
