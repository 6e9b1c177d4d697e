import { expect, it } from 'vitest'
import { encoderNames, latentSize, paperPlannerShapes } from './paper-planner-shapes.ts'
import { elementsOf, parameterCount } from './tensors.ts'

const config = { loadSize: 16, domains: 4 }
const shapes = paperPlannerShapes(config)
const sizeOf = (name: string) => shapes.filter((shape) => shape.name === name).map(elementsOf)

it('names each tensor once', () => {
  expect(new Set(shapes.map(({ name }) => name)).size).toBe(shapes.length)
})

it('reads texts of 384 numbers, or of as many as it is told, into latents of 64', () => {
  for (const name of encoderNames) expect(sizeOf(`${name}.encoder.weight`)).toEqual([384 * latentSize])
  const small = paperPlannerShapes({ ...config, embeddingSize: 10 })
  // An encoder and a decoder of each text are as much smaller.
  const saved = 2 * encoderNames.length * (384 - 10) * latentSize + encoderNames.length * (384 - 10)
  expect(parameterCount(shapes) - parameterCount(small)).toBe(saved)
})

it('hears load through FiLM, and has a place for each domain', () => {
  expect(sizeOf('film.inner.weight')).toEqual([config.loadSize * 32])
  expect(sizeOf('domain.bias')).toEqual([config.domains])
  expect(shapes.filter(({ name }) => /^film\.(gamma|beta)\./.test(name)).map(({ start }) => start)).toEqual(
    Array(4).fill('zeros'),
  )
})
