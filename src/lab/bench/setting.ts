/**
 * @file What all runs of a benchmark share: pool, questions, arrivals, and what policies may know. Made once per worker.
 *
 * Only test questions are asked (others where tuning asks for them); only training questions are known. `mixed` draws
 * from every set that was loaded, each set being as likely as the next.
 */
import { readFileSync } from 'node:fs'
import { ConfigError, hashText, type Profile, type ProfilePrior } from '../../core/index.ts'
import { type ArrivalProcess, createArrivals, parseArrivals } from '../../twin/arrivals/index.ts'
import type { FaultPlan } from '../../twin/faults/index.ts'
import { priorUnder } from '../knowledge/index.ts'
import { loadProfile } from '../profile-file.ts'
import { canSimulate, type Question, type QuestionParts, type QuestionSet, questionSets } from '../questions/index.ts'
import type { BenchOptions } from './bench-options.ts'
import { planFaults } from './fault-list.ts'

export interface BenchSetting {
  readonly options: BenchOptions
  readonly profile: Profile
  readonly profileHash: string
  readonly truthHash: string
  /** By name as asked for. */
  readonly sets: ReadonlyMap<string, QuestionSet>
  readonly arrivals: ArrivalProcess
  /** Hash of what a trace of arrivals holds; of nothing where they are drawn. */
  readonly traceHash: string
  readonly faults: FaultPlan
  /** What a run on `dataset` asks. */
  asked(dataset: string): { readonly questions: readonly Question[]; readonly setSizes: readonly number[] }
  /** What its policies may know; the reading of questions only where it is asked for, since it costs a second or two. */
  prior(dataset: string, seed: number, parts?: { readonly readsQuestions?: boolean }): ProfilePrior
  /** Hash of everything about `dataset` that a result depends on. */
  questionsHash(dataset: string): string
}

/** 128 bits over a text, in hex: enough to tell inputs apart; not for secrets. */
export const longHash = (text: string): string =>
  [11, 23, 37, 53].map((seed) => hashText(text, seed).toString(16).padStart(8, '0')).join('')

function checkSimulated(sets: ReadonlyMap<string, QuestionSet>): void {
  for (const [name, { train, test }] of sets) {
    const unfit = [...train, ...test].find((question) => !canSimulate(question))
    if (unfit) {
      throw new ConfigError(
        [
          {
            path: `--datasets ${name}`,
            expected: 'questions whose right answer is known',
            got: `${unfit.id} has none`,
            fix: 'Give it an "expected" answer, or measure this set against a gateway with --live.',
          },
        ],
        'the question set',
      )
    }
  }
}

/** Loads everything. Throws ConfigError for data, sets or profiles that cannot be had. */
export function createSetting(options: BenchOptions): BenchSetting {
  const profile = loadProfile(options.profile)
  const sets = questionSets({ folder: options.data, datasets: options.datasets, seed: 1 })
  checkSimulated(sets)
  const arrivals = parseArrivals(options.arrivals)
  const partsOf = (dataset: string): readonly QuestionParts[] => (sets.get(dataset) as QuestionSet).members
  // A set stands in `mixed` and by itself: told apart by its questions, not by the object that holds them.
  const everySet = new Map([...sets.values()].flatMap(({ members }) => members.map((parts) => [parts.train, parts])))
  const priors = new Map<string, ProfilePrior>()
  return {
    options,
    profile,
    profileHash: longHash(JSON.stringify(profile)),
    truthHash: longHash(JSON.stringify(profile.truth ?? null)),
    sets,
    arrivals: createArrivals(arrivals),
    traceHash: longHash(arrivals.kind === 'trace' ? readFileSync(arrivals.file, 'latin1') : ''),
    faults: planFaults(options.faults, Object.keys(profile.models), middleMs(options)),
    asked: (dataset) => {
      const asked = partsOf(dataset).map((parts) => parts[options.part ?? 'test'])
      return { questions: asked.flat(), setSizes: asked.map(({ length }) => length) }
    },
    prior: (dataset, seed, { readsQuestions = false } = {}) => {
      const key = `${dataset}|${seed}|${readsQuestions}`
      const own = partsOf(dataset)
      const kin = [...everySet.values()].filter(({ train }) => own.every((parts) => parts.train !== train))
      const trains = (parts: readonly QuestionParts[]) => parts.map(({ train }) => train)
      const known =
        priors.get(key) ??
        priorUnder({ profile, know: options.know, sets: trains(own), kin: trains(kin), seed, readsQuestions })
      priors.set(key, known)
      return known
    },
    questionsHash: (dataset) =>
      longHash(
        JSON.stringify(partsOf(dataset).map(({ train, test }) => [train, test].map((part) => part.map(asHashed)))),
      ),
  }
}

const middleMs = ({ warmUpMinutes, minutes }: BenchOptions): number => (warmUpMinutes + minutes / 2) * 60_000

const asHashed = ({ id, text, key, difficulty, textScore }: Question) => [id, text, key, difficulty, textScore]
