/** @file The shipped profile: it parses, and it is exactly what the script makes of the calibration data. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { domains, strategyIds } from '../src/core/index.ts'
import { paperProfile, paperTruth } from './paper-profile.ts'
import { sharedDataFolder } from './shared-data.ts'

const root = resolve(import.meta.dirname, '..')
const dataFolder = sharedDataFolder()

function remake(folder: string): string {
  const temporary = mkdtempSync(join(tmpdir(), 'inframind-profile-'))
  try {
    const out = join(temporary, 'profile.json')
    execFileSync(process.execPath, [join(root, 'tools/make-profile.mjs'), folder, '--out', out])
    return readFileSync(out, 'utf8')
  } finally {
    rmSync(temporary, { recursive: true })
  }
}

describe('profiles/paper-b200.json', () => {
  const profile = paperProfile()
  const models = Object.keys(profile.models)

  it.skipIf(dataFolder === null)('is what the script makes of the calibration data', () => {
    expect(remake(dataFolder as string)).toBe(readFileSync(join(root, 'profiles/paper-b200.json'), 'utf8'))
  })

  it('puts every model on one GPU and tells policies of each', () => {
    expect(models).toHaveLength(5)
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

  it('uses the fitted figures and the full model names of the truth', () => {
    expect(profile.colocationEta.value).toBe(1.15)
    expect(profile.apiOverheadMs.value).toBe(20)
    expect(models.map((model) => profile.models[model]?.host.value)).toEqual([2.97, 2.97, 2.97, 2.97, 2.97])
    expect(Object.keys(paperTruth().lengthMultiplier.value).sort()).toEqual([...models].sort())
  })
})
