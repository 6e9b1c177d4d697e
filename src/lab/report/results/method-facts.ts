/** @file Which of the methods is ours, which are its ablations, and which it is compared with. */
import { ConfigError, suggestName } from '../../../core/index.ts'
import type { BenchRow } from '../../bench/results/index.ts'
import type { MethodFacts } from './results.ts'

export const factsOf = ({ method, scheduler, enforced }: BenchRow): MethodFacts => ({
  name: method,
  base: method.split('+')[0] as string,
  scheduler,
  isEnforced: enforced,
})

/** Ours first: the default stack, else the training-free one. */
export const ourBases: readonly string[] = ['inframind', 'greedy']

/** With our scheduler and the deadline enforced, as ours, single arms and `best-fixed` run. */
export const isGranted = ({ scheduler, isEnforced }: MethodFacts): boolean => scheduler === 'default' && isEnforced

/**
 * The method that the report speaks for: the one named, else ours; the first one where ours was not run. `methods` must
 * not be empty. Throws ConfigError for a name without rows.
 */
export function findOurs(methods: readonly MethodFacts[], named?: string): MethodFacts {
  if (named !== undefined) return findNamed(methods, named)
  for (const base of ourBases) {
    const found = methods.find((method) => method.base === base && isGranted(method))
    if (found) return found
  }
  return methods[0] as MethodFacts
}

function findNamed(methods: readonly MethodFacts[], named: string): MethodFacts {
  const found = methods.find(({ name }) => name === named)
  if (found) return found
  const names = methods.map(({ name }) => name)
  throw new ConfigError(
    [{ path: '--ours', expected: 'a method with results', got: named, fix: suggestName(named, names) }],
    'the command line',
  )
}

/** Ours with one part taken out or exchanged: for the attribution, not a rival. */
export const isAblation = (method: MethodFacts): boolean =>
  method.base.startsWith('greedy-') || (ourBases.includes(method.base) && !isGranted(method))

/** Whom `ours` is compared with: those named, else all but its ablations. Throws ConfigError for a name without rows. */
export function findRivals(
  methods: readonly MethodFacts[],
  { ours, against }: { readonly ours: MethodFacts; readonly against: readonly string[] },
): readonly MethodFacts[] {
  if (against.length === 0) return methods.filter((method) => method !== ours && !isAblation(method))
  const names = methods.map(({ name }) => name).filter((name) => name !== ours.name)
  const unknown = against.filter((name) => !names.includes(name))
  if (unknown.length > 0) {
    throw new ConfigError(
      unknown.map((name) => ({
        path: '--against',
        expected: `a method with results beside ${ours.name}`,
        got: name,
        fix: suggestName(name, names),
      })),
      'the command line',
    )
  }
  return methods.filter(({ name }) => against.includes(name))
}
