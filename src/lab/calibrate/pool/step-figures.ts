/**
 * @file The figures of a model's step that measurements can tell apart, and the profile's coefficients from them.
 *
 * Host overhead is part of what is measured end to end, so that the fitted coefficients contain it and `host` is 0. What
 * cannot be seen from outside (the kink of the hinge, the part of decoding sequences in a mixed step) keeps the base
 * profile's proportions.
 */
import type { MachineProfile, StepTime } from '../../../core/index.ts'

export interface StepFigures {
  /** A step that decodes with an empty cache. ms. */
  readonly decodeMs: number
  /** Its growth per context token. */
  readonly perKvTokenMs: number
  /** A prefill of hardly any tokens. ms. */
  readonly prefillMs: number
  readonly perPromptTokenMs: number
}

export function figuresOf({ step, host }: Pick<MachineProfile, 'step' | 'host'>): StepFigures {
  const { decodeC0, decodeC3, b0, k1 } = step.value
  return {
    decodeMs: decodeC0 + host.value,
    perKvTokenMs: decodeC3,
    prefillMs: b0 + host.value,
    perPromptTokenMs: k1,
  }
}

/** Coefficients with these figures and the proportions of `base`. */
export function stepTimeFrom(figures: StepFigures, base: Pick<MachineProfile, 'step' | 'host'>): StepTime {
  const { decodeC3, w0, k1, k2, k3, k4 } = base.step.value
  const known = figuresOf(base)
  const speed = figures.decodeMs / known.decodeMs
  const compute = known.perPromptTokenMs > 0 ? figures.perPromptTokenMs / known.perPromptTokenMs : 1
  return {
    decodeC0: significant(figures.decodeMs),
    decodeC3: significant(figures.perKvTokenMs),
    b0: significant(figures.prefillMs),
    w0: significant(w0 * speed),
    k1: significant(k1 > 0 ? k1 * compute : figures.perPromptTokenMs),
    k2: significant(k2 * compute),
    k3: significant(decodeC3 > 0 ? (k3 * figures.perKvTokenMs) / decodeC3 : figures.perKvTokenMs),
    k4: significant(k4 * compute),
  }
}

const significant = (value: number): number => Number(value.toPrecision(4))
