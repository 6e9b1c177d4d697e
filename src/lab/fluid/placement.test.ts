import { describe, expect, it } from 'vitest'
import { paperProfile } from '../../../test/paper-profile.ts'
import { createSyntheticQuestions } from '../questions/index.ts'
import { createFluidModel, type FluidPlacement } from './fluid-lines.ts'

const profile = paperProfile()
const questions = createSyntheticQuestions({ dataset: 'synthetic-choice', count: 60, seed: 3 })
const model = createFluidModel({ profile, questions, seed: 1, draws: 4 })
const cell = { ratePerMinute: 900, budgetMs: 30_000 }
const kvTokens = Object.fromEntries(
  Object.entries(profile.models).map(([name, machine]) => [name, machine.kvTokens.value]),
)
const own: FluidPlacement = { gpus: profile.gpus.map(({ engines }) => engines), kvTokens }
const strong = 'Mistral-Small-24B-Instruct-2501'

describe('a placement of engines', () => {
  it('like the profile’s gives the profile’s lines', async () => {
    const lines = await model.lines(cell)
    expect(await model.lines({ ...cell, placement: own })).toEqual(lines)
    for (const name of ['none', 'text', 'staticOnly'] as const)
      expect(await model.line(name, cell)).toEqual(lines.lines[name])
  })

  it('without a model never uses it', async () => {
    const gpus = own.gpus.map((engines) => engines.filter((engine) => engine !== strong))
    const line = await model.line('none', { ...cell, placement: { gpus, kvTokens } })
    expect(line.plans.length).toBeGreaterThan(0)
    for (const { plan } of line.plans) expect(plan).not.toContain(strong)
    expect(line.goodput).toBeLessThan((await model.line('none', cell)).goodput - 0.005)
    // What is not there is worth something.
    expect(line.prices[strong]!.perWorkSecond).toBeGreaterThan(0)
  })

  it('with a model twice is worth more where it is short, and no GPU is worth less than its best engine', async () => {
    const line = await model.line('none', cell)
    const twice = { gpus: [...own.gpus, [strong]], kvTokens: { ...kvTokens, [strong]: 2 * kvTokens[strong]! } }
    expect((await model.line('none', { ...cell, placement: twice })).goodput).toBeGreaterThan(line.goodput + 0.005)
    const perEngine = (name: string) => (line.prices[name]!.perWorkSecond * 60) / cell.ratePerMinute
    for (const [gpu, engines] of own.gpus.entries())
      expect(line.gpuPrices[gpu]).toBeGreaterThanOrEqual(Math.max(...engines.map(perEngine)) - 1e-9)
  })
})
