/** @file Adam against its formula in double precision, on a bowl, and across a save; learning rates by hand. */
import { describe, expect, it } from 'vitest'
import { createRandom } from '../../../core/index.ts'
import { createAdam, createPlateauRate, linearRate } from './index.ts'

const normals = (count: number, seed: number) => {
  const random = createRandom(seed)
  return Float32Array.from({ length: count }, () => random.normal())
}

describe('Adam', () => {
  it('follows the formula', () => {
    const adam = createAdam(1, { maxGradNorm: null })
    const parameters = Float32Array.of(1)
    let [x, m, v] = [1, 0, 0]
    for (let t = 1; t <= 20; t += 1) {
      const g = Math.sin(t) + 2
      adam.update(parameters, Float32Array.of(g), 0.01)
      m = 0.9 * m + 0.1 * g
      v = 0.999 * v + 0.001 * g * g
      x -= (0.01 * (m / (1 - 0.9 ** t))) / (Math.sqrt(v / (1 - 0.999 ** t)) + 1e-8)
    }
    expect(parameters[0]).toBeCloseTo(x, 5)
  })

  it('takes a first step of the learning rate, whatever the size of the gradient', () => {
    for (const slope of [1e-3, 1, 1e3]) {
      const parameters = new Float32Array(1)
      createAdam(1, { maxGradNorm: null }).update(parameters, Float32Array.of(slope), 0.1)
      expect(parameters[0]).toBeCloseTo(-0.1, 5)
    }
  })

  it('reaches the bottom of a bowl', () => {
    const adam = createAdam(3)
    const parameters = Float32Array.of(3, -2, 1)
    for (let step = 0; step < 3000; step += 1)
      adam.update(
        parameters,
        parameters.map((x, place) => (place + 1) * (x - place)),
        0.01,
      )
    parameters.forEach((x, place) => {
      expect(x).toBeCloseTo(place, 2)
    })
  })

  it('gives the norm and clips by it: a gradient ten times too long counts as one of norm 1', () => {
    const [clipped, unit] = [createAdam(2), createAdam(2)]
    const [a, b] = [new Float32Array(2), new Float32Array(2)]
    expect(clipped.update(a, Float32Array.of(6, 8), 0.1)).toBe(10)
    unit.update(b, Float32Array.of(0.6, 0.8), 0.1)
    const moments = unit.save()
    clipped.save().forEach((moment, index) => {
      expect(moment).toBeCloseTo(moments[index] as number, 6)
    })
    const free = createAdam(2, { maxGradNorm: null })
    free.update(a, Float32Array.of(6, 8), 0.1)
    expect(free.save()[1]).toBeCloseTo(0.6, 6)
  })

  it('goes on bit for bit after a save and a restore', () => {
    const [whole, before, after] = [createAdam(50), createAdam(50), createAdam(50)]
    const [a, b] = [normals(50, 1), normals(50, 1)]
    for (let step = 0; step < 10; step += 1) whole.update(a, normals(50, step), 0.01)
    for (let step = 0; step < 5; step += 1) before.update(b, normals(50, step), 0.01)
    after.restore(before.save())
    for (let step = 5; step < 10; step += 1) after.update(b, normals(50, step), 0.01)
    expect([...b]).toEqual([...a])
    expect([...after.save()]).toEqual([...whole.save()])
  })

  it('refuses gradients that are not finite or not of its size, before anything changes', () => {
    const adam = createAdam(2)
    const parameters = Float32Array.of(1, 2)
    const empty = adam.save()
    expect(() => adam.update(parameters, Float32Array.of(Number.NaN, 0), 0.1)).toThrow('not finite')
    expect(() => adam.update(parameters, new Float32Array(3), 0.1)).toThrow('3 gradients for 2')
    expect(() => adam.restore(new Float32Array(3))).toThrow('instead of 5')
    expect([...parameters, ...adam.save()]).toEqual([1, 2, ...empty])
  })
})

describe('learning rates', () => {
  it('fall on a line and stay at its end', () => {
    const line = { from: 0.02, to: 0.01, updates: 10 }
    expect([0, 5, 10, 99].map((index) => linearRate(line, index))).toEqual([0.02, 0.015, 0.01, 0.01])
    expect(linearRate({ ...line, updates: 0 }, 0)).toBe(0.01)
  })

  it('halve after four scores without a gain, and start to count again', () => {
    const rate = createPlateauRate({ learningRate: 1, minimum: 0.2 })
    const seen = [5, 5, 4, 5, 5, 6, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1].map((score) => {
      rate.observe(score)
      return rate.learningRate
    })
    const expected = [1, 1, 1, 1, 0.5, 0.5, 0.5, 0.5, 0.5, 0.25, 0.25, 0.25, 0.25, 0.2, 0.2, 0.2, 0.2, 0.2]
    seen.forEach((value, index) => {
      expect(value).toBeCloseTo(expected[index] as number, 6)
    })
    expect(rate.sinceBest).toBe(12)
  })

  it('go on the same after a save and a restore', () => {
    const [whole, copy] = [createPlateauRate({ learningRate: 0.3 }), createPlateauRate({ learningRate: 9 })]
    for (const score of [0.1, 0.05, 0.05]) whole.observe(score)
    copy.restore(whole.save())
    for (const score of [0.1, 0.05, 0.05]) {
      whole.observe(score)
      copy.observe(score)
    }
    expect([...copy.save()]).toEqual([...whole.save()])
    expect(copy.learningRate).toBeCloseTo(0.15, 6)
    expect(() => copy.restore(new Float32Array(2))).toThrow('instead of 4')
  })
})
