/** @file Pools made for a test: models that differ from one of the paper's only where the test says. */
import type { Profile } from '../src/core/index.ts'
import { paperProfile } from './paper-profile.ts'

const template = 'Llama-3.1-8B-Instruct'

export interface MadeModel {
  /** Accuracy under plain chain of thought in every benchmark of a domain; absent: 0.01. */
  readonly accuracy: Readonly<Partial<Record<'math' | 'code' | 'knowledge', number>>>
}

type Table = Record<string, number | null>

/** Each model on a GPU of its own, with the machine and the lengths of the paper's 8B model; the depths change nothing. */
export function aMadePool(models: Readonly<Record<string, MadeModel>>): Profile {
  const profile = paperProfile()
  const { truth } = profile
  if (!truth) throw new Error('the shipped profile must hold a truth')
  const names = Object.keys(models)
  const copyTo = (table: Table, value = table[template] as number | null) => {
    for (const name of names) table[name] = value
  }
  for (const [benchmark, table] of Object.entries(truth.cotAccuracy.value)) {
    const domain = truth.domainOfBenchmark[benchmark] ?? 'knowledge'
    for (const name of names) table[name] = models[name]?.accuracy[domain] ?? 0.01
  }
  for (const table of Object.values(truth.cotMeanOutputTokens.value)) copyTo(table)
  for (const byDepth of Object.values(truth.strategyDelta.value))
    for (const table of Object.values(byDepth)) copyTo(table, 0)
  for (const table of [truth.lengthMultiplier, truth.outputSigma]) copyTo(table.value)
  for (const table of Object.values(truth.strategyTokenRatio.value)) copyTo(table)
  copyTo(truth.flash.value.complies)
  const each = <T>(value: T) => Object.fromEntries(names.map((name) => [name, structuredClone(value)]))
  return {
    ...profile,
    id: 'made',
    gpus: names.map((name, index) => ({ id: `gpu${index}`, engines: [name] })),
    models: each(profile.models[template]!),
    prior: { models: each(profile.prior.models[template]!) },
  }
}
