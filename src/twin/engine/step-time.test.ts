import { expect, it } from 'vitest'
import { aMachine } from '../../../test/simulated-rig.ts'
import { createStepTimer } from './step-time.ts'

// The calibration's coefficients of a 32B model on a B200, without host overhead.
const large = {
  decodeC0: 12.17,
  decodeC3: 3.66e-5,
  b0: 9.395,
  w0: 3.41,
  k1: 0.03822,
  k2: 0,
  k3: 3.565e-5,
  k4: 1.364e-6,
}

it('gives the kernel sums that the calibration prints', () => {
  const timer = createStepTimer(aMachine(large))
  expect(timer.decodeMs(1_024)).toBeCloseTo(12.3, 0)
  expect(timer.decodeMs(16 * 1_024)).toBeCloseTo(12.8, 1)
  const prefill = (prefillTokens: number) => timer.prefillMs({ prefillTokens, decodeSequences: 0, kvTokens: 0 })
  // Printed: 23 and 93 ms; the hinge form errs by 4.2 % on average, and more at the short end.
  expect(Math.abs(prefill(512) / 23 - 1)).toBeLessThan(0.3)
  expect(Math.abs(prefill(2_048) / 93 - 1)).toBeLessThan(0.05)
})

it('follows the hinge form term by term', () => {
  const step = { decodeC0: 2, decodeC3: 0.5, b0: 3, w0: 3, k1: 0.5, k2: 0.1, k3: 0.01, k4: 0.001 }
  const timer = createStepTimer(aMachine({ ...step, hostMs: 7 }))
  expect(timer.decodeMs(10)).toBe(2 + 5 + 7)
  const hinge = (3 ** 4 + (0.5 * 24) ** 4) ** 0.25
  expect(timer.prefillMs({ prefillTokens: 20, decodeSequences: 4, kvTokens: 100 })).toBeCloseTo(
    3 + hinge + 0.4 + 1 + 0.4 + 7,
    9,
  )
})
