/** @file `inframind train --learner gptswarm|masrouter`: published methods that learn, with the same questions as ours. */
import { loadProfile } from '../../lab/index.ts'
import { questionSets } from '../../lab/questions/index.ts'
import { fitSwarm, makeFolder, trainMasRouter, writeMasRouter, writeSwarm } from '../../lab/train/index.ts'
import type { Output } from '../terminal/index.ts'

export const baselineLearners = ['gptswarm', 'masrouter'] as const
export type BaselineLearner = (typeof baselineLearners)[number]

export const isBaselineLearner = (learner: string): learner is BaselineLearner =>
  baselineLearners.some((known) => known === learner)

export interface TrainBaselineFlags {
  /** The first is trained for. */
  readonly profile: readonly string[]
  readonly data?: string
  readonly datasets: readonly string[]
  readonly seed: number
  readonly out: string
  readonly json?: boolean
}

/** Minutes on one core, and no checkpoint. */
export async function trainBaseline(
  flags: TrainBaselineFlags,
  learner: BaselineLearner,
  output: Output,
): Promise<void> {
  const { data, datasets, seed, out } = flags
  const sets = [...questionSets({ folder: data ?? null, datasets, seed: 1 }).values()].flatMap(({ members }) => members)
  const distinct = sets.filter(({ train: own }, index) => sets.findIndex((other) => other.train === own) === index)
  const profile = loadProfile(flags.profile[0] as string)
  const options = {
    profile,
    sets: distinct.map((parts) => parts.train),
    heldOut: distinct.flatMap((parts) => parts.validation),
    seed,
  }
  // Minutes of learning must not end in a folder that cannot be.
  makeFolder(out)
  if (learner === 'gptswarm') {
    const { policy, report } = fitSwarm(options)
    const path = writeSwarm(out, policy)
    if (flags.json) output.line(JSON.stringify(report, null, 1))
    else
      for (const { domain, graph, right } of report) output.line(`${domain}, ${graph} graph: ${percent(right)} right`)
    output.note(
      `${path}: graphs of ${Object.keys(policy.graphs).join(', ')} (simulated, idle pool, validation questions)`,
    )
    return
  }
  const fit = await trainMasRouter({
    ...options,
    onIteration: ({ iteration, utility }, restart) => {
      if (iteration % 100 === 99)
        output.note(`training ${restart + 1}, iteration ${iteration + 1}: utility ${utility.toFixed(3)}`)
    },
  })
  const path = writeMasRouter(out, { fit, profile, datasets })
  if (flags.json) output.line(JSON.stringify(fit.report, null, 1))
  else
    for (const { domain, price, right, cost, calls } of fit.report)
      output.line(`${domain}, ${price}: ${percent(right)} right, cost ${cost.toFixed(1)}, ${calls.toFixed(1)} calls`)
  output.note(`${path}: routes by question and price (simulated, idle pool, validation questions)`)
}

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`
