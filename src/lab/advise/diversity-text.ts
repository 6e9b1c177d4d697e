/** @file The tables of error diversity: by the profile's truth, and by graded answers. */
import type { Advice } from './advice.ts'
import { percent, points, pointsOrNone, textColumns } from './text-columns.ts'

const mostPairs = 5

type Interval = readonly [number, number]
const two = (value: number | null) => (value === null ? '-' : value.toFixed(2))
const within = (interval: Interval | null) => (interval === null ? '' : ` [${two(interval[0])}, ${two(interval[1])}]`)

export function diversityText({ diversity }: Advice): readonly string[] {
  const lines = [
    '4. How differently models err, by the profile: points over the better one alone. Roles and kinship have no part in',
    '   the truth: in it all pairs are equally alike (latent), so only graded answers can tell twins from strangers.',
  ]
  for (const { domain, latentCorrelation, pairs } of diversity) {
    if (pairs.length === 0) continue
    const rows = pairs
      .slice(0, mostPairs)
      .map((pair) => [
        `${pair.better} + ${pair.other}`,
        percent(pair.betterAlone),
        percent(pair.otherAlone),
        two(pair.phi),
        points(pair.judge),
        pointsOrNone(pair.vote),
        pointsOrNone(pair.probe),
        points(pair.review),
      ])
    const heads = ['pair', 'better', 'other', 'phi', 'judge', 'vote', 'probe', 'review']
    lines.push(`   ${domain} (latent ${two(latentCorrelation)}): ${sentence(pairs[0]!)}`, ...textColumns(heads, rows))
  }
  return lines
}

function sentence({
  better,
  other,
  betterAlone,
  vote,
  probe,
  review,
}: Advice['diversity'][number]['pairs'][number]): string {
  const ways = [
    ['a vote', vote ?? -1],
    ['a probe', probe ?? -1],
    ['a review', review],
  ] as const
  const [way, gain] = ways.reduce((best, each) => (each[1] > best[1] ? each : best))
  if (gain < 0.0005) return `no pair reaches more than ${better} alone.`
  return `${way} of ${better} and ${other} reaches most, ${percent(betterAlone + gain)} (${points(gain)}).`
}

export function gradedText(graded: NonNullable<Advice['graded']>): readonly string[] {
  if (graded.length === 0)
    return ['   Graded answers: no pair of models has answered 20 questions of one domain in common.']
  const lines = [
    '   By graded answers, with 95 % intervals over questions; judge: the most that any team of the two can win.',
  ]
  for (const { domain, pairs } of graded) {
    const rows = pairs
      .slice(0, mostPairs)
      .map(({ better, other, questions, betterAlone, phi, phiInterval, judge, judgeInterval }) => [
        `${better} + ${other}`,
        String(questions),
        percent(betterAlone),
        `${two(phi)}${within(phiInterval)}`,
        `${points(judge)} [${points(judgeInterval[0])}, ${points(judgeInterval[1])}]`,
      ])
    lines.push(`   ${domain}:`, ...textColumns(['pair', 'questions', 'better', 'phi', 'judge'], rows))
  }
  return lines
}
