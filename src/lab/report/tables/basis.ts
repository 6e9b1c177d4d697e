/** @file What a table rests on: stands under every one of them. */
import type { ReportNumbers } from '../numbers/report-numbers.ts'
import { code } from './markdown.ts'

/** `simulated` or `live`; without a summary: unknown. */
export const kindOf = ({ meta }: ReportNumbers): string => meta?.kind ?? 'of unknown kind (no summary)'

/** How far the twin was off where it was compared with measured runs, by profile. Source: docs/twin.md. */
const knownErrors: Readonly<Record<string, string>> = {
  'paper-b200': "the twin's known error: mean latency 16-26 %, accuracy about 8 points",
}

/** null: nothing was simulated. */
export function knownErrorOf({ meta }: ReportNumbers): string | null {
  if (meta?.kind !== 'simulated') return null
  return knownErrors[meta.profile] ?? "the twin's error is not known for this profile"
}

/** One line: kind, profile, truth, knowledge, seeds, command. */
export function basisLine(numbers: ReportNumbers): string {
  const { meta, seeds } = numbers
  const ofSeeds = `seeds ${seeds.join(', ')}`
  if (meta === null) return `<sub>${kindOf(numbers)}; ${ofSeeds}</sub>`
  const facts = [
    kindOf(numbers),
    ...(knownErrorOf(numbers) === null ? [] : [knownErrorOf(numbers)]),
    `profile ${meta.profile} (${meta.profileHash})`,
    `truth ${meta.truthHash ?? 'none'}`,
    `know ${meta.know}`,
    ofSeeds,
    code(meta.command),
  ]
  return `<sub>${facts.join('; ')}</sub>`
}
