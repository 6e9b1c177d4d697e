/** @file The shipped profiles: they parse, they are exactly what is made of the calibration data, and they hang together. */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { domains, type Profile, strategyIds } from '../src/core/index.ts'
import { createTwinWorld, loadProfile, shippedProfiles } from '../src/lab/index.ts'
import { createSyntheticQuestions } from '../src/lab/questions/index.ts'
import { anEngineCall, MemoryTrace } from '../src/testing/index.ts'
import { openDataFolder } from '../tools/fit/data-folder.ts'
import { profileNames, profileText } from '../tools/fit/profile-text.ts'
import { paperProfile, paperTruth } from './paper-profile.ts'
import { sharedDataFolder } from './shared-data.ts'

const dataFolder = sharedDataFolder()
const shippedText = (name: string) => readFileSync(resolve(import.meta.dirname, `../profiles/${name}.json`), 'utf8')
const modelsOf = (profile: Profile) => Object.keys(profile.models)

it('ships what the script makes, and nothing else', () => {
  expect(shippedProfiles()).toEqual([...profileNames].sort())
})

it.skipIf(dataFolder === null).each(profileNames)('profiles/%s.json is what the calibration data makes', (name) => {
  expect(profileText(openDataFolder(dataFolder as string), name)).toBe(shippedText(name))
})

describe.each(profileNames)('profiles/%s.json', (name) => {
  const profile = loadProfile(name)
  const models = modelsOf(profile)

  it('is called by its name, puts every model on one GPU and tells policies of each', () => {
    expect(profile.id).toBe(name)
    expect(profile.gpus.flatMap(({ engines }) => engines).sort()).toEqual([...models].sort())
    expect(Object.keys(profile.prior.models).sort()).toEqual([...models].sort())
  })

  it('has a prior for every domain and depth, and longer answers for deeper thought', () => {
    for (const { quality, outputTokens } of Object.values(profile.prior.models)) {
      for (const domain of domains) {
        expect(Object.keys(quality.value[domain])).toEqual(strategyIds)
        const { Flash, Concise, DeepThink } = outputTokens.value[domain]
        expect(Flash.mean).toBeLessThan(DeepThink.mean)
        expect(Concise.mean).toBeLessThan(DeepThink.mean)
      }
    }
  })

  it('has a row of truth for every model and for no other', () => {
    const { truth } = profile
    const sorted = (table: object) => Object.keys(table).sort()
    const wanted = [...models].sort()
    const tables = [
      ...Object.values(truth!.cotAccuracy.value),
      ...Object.values(truth!.cotMeanOutputTokens.value),
      ...Object.values(truth!.strategyDelta.value).flatMap((byStrategy) => Object.values(byStrategy)),
      ...Object.values(truth!.strategyTokenRatio.value),
      truth!.lengthMultiplier.value,
      truth!.outputSigma.value,
      truth!.flash.value.complies,
    ]
    for (const table of tables) expect(sorted(table)).toEqual(wanted)
  })

  it('holds a whole context in every KV cache', () => {
    for (const { kvTokens, maxModelLen } of Object.values(profile.models)) {
      expect(kvTokens.value).toBeGreaterThanOrEqual(maxModelLen.value)
    }
  })

  it('is no faster than memory allows: a longer prompt, more sequences or more context never shorten a step', () => {
    for (const { step } of Object.values(profile.models)) {
      for (const coefficient of Object.values(step.value)) expect(coefficient).toBeGreaterThanOrEqual(0)
      expect(step.value.decodeC0).toBeGreaterThan(0)
      expect(step.value.decodeC3).toBeGreaterThan(0)
    }
  })

  it('can be simulated: an engine for every model, each with an answer', () => {
    const [question] = createSyntheticQuestions({ dataset: 'synthetic-choice', count: 1, seed: 1 })
    const world = createTwinWorld({ profile, questions: [question!], seed: 1, trace: new MemoryTrace() })
    expect(world.engines.map(({ model }) => model).sort()).toEqual([...models].sort())
    const { meaning, ...call } = anEngineCall()
    const asked = { ...call, meaning: { ...meaning, questionText: question!.text } }
    for (const model of models) expect(world.answers.answer(asked, model).isRight).not.toBeNull()
  })
})

describe('profiles/paper-b200.json', () => {
  const profile = paperProfile()

  it('uses the fitted figures and the full model names of the truth', () => {
    expect(profile.colocationEta.value).toBe(1.15)
    expect(profile.apiOverheadMs.value).toBe(20)
    expect(modelsOf(profile).map((model) => profile.models[model]?.host.value)).toEqual([2.97, 2.97, 2.97, 2.97, 2.97])
    expect(Object.keys(paperTruth().lengthMultiplier.value).sort()).toEqual(modelsOf(profile).sort())
  })
})

describe('profiles of the same models on other GPUs', () => {
  const [b200, h100, a100] = ['paper-b200', 'paper-h100', 'paper-a100'].map(loadProfile) as [Profile, Profile, Profile]

  it('share the truth, and what policies know of quality and length', () => {
    for (const other of [h100, a100]) {
      expect(other.truth).toEqual(b200.truth)
      for (const model of modelsOf(b200)) {
        const [here, there] = [b200.prior.models[model]!, other.prior.models[model]!]
        expect(there.quality).toEqual(here.quality)
        expect(there.outputTokens).toEqual(here.outputTokens)
      }
    }
  })

  it('are slower in the order of their memory bandwidth, in step and prior alike', () => {
    for (const model of modelsOf(b200)) {
      const idle = [b200, h100, a100].map((profile) => profile.prior.models[model]!.tpot.value.idleMs)
      const step = [b200, h100, a100].map((profile) => profile.models[model]!.step.value.decodeC0)
      expect(idle).toEqual([...idle].sort((a, b) => a - b))
      expect(step).toEqual([...step].sort((a, b) => a - b))
    }
  })

  it('give each model a GPU of its own; the 32B model barely fits', () => {
    for (const profile of [h100, a100]) {
      expect(profile.gpus.map(({ engines }) => engines.length)).toEqual([1, 1, 1, 1, 1])
      const kvTokens = modelsOf(profile).map((model) => profile.models[model]!.kvTokens.value)
      expect(kvTokens).toEqual([...kvTokens].sort((a, b) => a - b))
      expect(kvTokens[0]).toBe(37_343)
    }
  })
})

describe('profiles for scale', () => {
  const [twenty, eighty] = ['pool-20', 'pool-80'].map(loadProfile) as [Profile, Profile]

  it('hold as many models as they say, the smaller pool being the beginning of the larger one', () => {
    expect(modelsOf(twenty)).toHaveLength(20)
    expect(modelsOf(eighty)).toHaveLength(80)
    expect(modelsOf(eighty).slice(0, 20)).toEqual(modelsOf(twenty))
    expect(eighty.models[modelsOf(twenty)[7]!]).toEqual(twenty.models[modelsOf(twenty)[7]!])
  })

  it('vary: no two models alike in speed or ability', () => {
    const steps = Object.values(eighty.models).map(({ step }) => step.value.decodeC0)
    expect(new Set(steps).size).toBeGreaterThan(70)
    const accuracies = Object.values(eighty.truth!.cotAccuracy.value['math']!)
    expect(Math.max(...accuracies) - Math.min(...accuracies)).toBeGreaterThan(0.4)
  })

  it('are tagged assumed in every figure that was made up', () => {
    for (const profile of [twenty, eighty]) {
      expect(profile.truth!.cotAccuracy.tag).toBe('assumed')
      for (const model of modelsOf(profile)) {
        expect(profile.models[model]!.step.tag).toBe('assumed')
        expect(profile.models[model]!.kvTokens.tag).toBe('assumed')
        expect(profile.prior.models[model]!.quality.tag).toBe('assumed')
      }
    }
  })
})
