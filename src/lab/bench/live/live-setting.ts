/**
 * @file What all runs of a live benchmark share: questions, arrivals, the plan of runs.
 *
 * The same questions in the same order at the same instants as in the twin under the same seed. Here a question needs no
 * known answer in the twin's sense: a rule of its own is enough.
 */
import { type ArrivalProcess, createArrivals, parseArrivals } from '../../../twin/arrivals/index.ts'
import { type Question, type QuestionSet, questionSets } from '../../questions/index.ts'
import { type RunSpec, runKey } from '../plan-runs.ts'
import { longHash } from '../setting.ts'
import { type LiveOptions, liveMethod } from './live-options.ts'

export interface Asked {
  readonly questions: readonly Question[]
  /** Of the sets that they come from, in order: what `questionOrder` takes. */
  readonly setSizes: readonly number[]
}

export interface LiveSetting {
  readonly options: LiveOptions
  readonly sets: ReadonlyMap<string, QuestionSet>
  readonly arrivals: ArrivalProcess
  /** In the order in which they are played: one after the other. */
  readonly specs: readonly RunSpec[]
  asked(dataset: string): Asked
  /** Hash of all that the questions of `dataset` are and how they are judged. */
  questionsHash(dataset: string): string
}

/** Throws ConfigError for data, sets or arrivals that cannot be had, or a set with no test question. */
export function createLiveSetting(options: LiveOptions): LiveSetting {
  const sets = questionSets({ folder: options.data, datasets: options.datasets, seed: 1 })
  const asked = (dataset: string): Asked => {
    const tests = (sets.get(dataset) as QuestionSet).members.map(({ test }) => test)
    return { questions: tests.flat(), setSizes: tests.map(({ length }) => length) }
  }
  return {
    options,
    sets,
    arrivals: createArrivals(parseArrivals(options.arrivals)),
    specs: planLiveRuns(options),
    asked,
    questionsHash: (dataset) => longHash(JSON.stringify(asked(dataset).questions)),
  }
}

function planLiveRuns(options: LiveOptions): readonly RunSpec[] {
  const { datasets, rates, budgets, seed: first, seeds } = options
  const method = liveMethod(options)
  return datasets.flatMap((dataset) =>
    rates.flatMap((ratePerMinute) =>
      budgets.flatMap((budget) =>
        Array.from({ length: seeds }, (_, index) => {
          const spec = { method, dataset, ratePerMinute, budgets: [budget], seed: first + index }
          return { key: runKey(spec), ...spec }
        }),
      ),
    ),
  )
}

/** Whether any asked question is judged by running a program. */
export const needsSandbox = ({ options, asked }: LiveSetting): boolean =>
  options.datasets.some((dataset) =>
    asked(dataset).questions.some(({ check, format }) =>
      check === undefined ? format === 'code' : check.kind === 'command',
    ),
  )
