/**
 * @file How differently two models err, and what the two together are worth over the better one alone.
 *
 * By the profile's truth, each model at its best depth of the domain. phi is the correlation of the two being right; given the
 * question their luck is independent, so P(both right) is the mean of the product. In the truth all pairs have one and the
 * same latent correlation, so that a pair's phi differs by their levels alone: kin models look as different as strangers.
 * Graded answers of the real models tell that (`graded-diversity.ts`).
 */
import type { ModelId } from '../../core/index.ts'
import type { FluidPlan } from '../fluid/index.ts'
import type { DomainTable } from './arm-table.ts'
import { jointOf } from './joint-outcome.ts'
import type { TrafficDomain } from './traffic.ts'

export interface PairDiversity {
  readonly better: ModelId
  readonly other: ModelId
  /** P(right and in time) of each alone, at its best depth, 0-1. */
  readonly betterAlone: number
  readonly otherAlone: number
  /** Correlation of the two being right; null: one of them always is, or never. */
  readonly phi: number | null
  /** Changes of goodput against the better alone. A free and faultless judge of the two: the most that there is to win. */
  readonly judge: number
  /** Two answers of the better one and one of the other; null: answers cannot be compared. */
  readonly vote: number | null
  /** Both, and where they differ the pair's best depth once more, as a third word; null as above. */
  readonly probe: number | null
  /** The other reviews the better one's answer. */
  readonly review: number
}

export interface DomainDiversity {
  readonly domain: TrafficDomain
  /** Of abilities in logits, the same for all pairs. */
  readonly latentCorrelation: number
  /** Those that come to most together first. */
  readonly pairs: readonly PairDiversity[]
}

/** Models that are paired; of more the best by themselves. */
const mostModels = 12

export const diversityOf = (tables: readonly DomainTable[]): readonly DomainDiversity[] =>
  tables.map((table) => {
    const best = bestArms(table).slice(0, mostModels)
    const pairs = best.flatMap((better, index) => best.slice(index + 1).map((other) => pairOf(table, better, other)))
    pairs.sort((a, b) => reachOf(b) - reachOf(a))
    return { domain: table.domain, latentCorrelation: table.latentCorrelation, pairs }
  })

/** P(right and in time) of the better alone, or of the best way to use both. */
const reachOf = ({ betterAlone, vote, probe, review }: PairDiversity) =>
  betterAlone + Math.max(0, vote ?? 0, probe ?? 0, review)

interface Alone {
  readonly model: ModelId
  /** At its best depth. */
  readonly arm: number
  readonly quality: number
}

/** The best arm of each model, best model first. */
function bestArms(table: DomainTable): readonly Alone[] {
  const byModel = new Map<ModelId, Alone>()
  for (const [arm, { model }] of table.arms.entries()) {
    const { quality } = table.worth({ kind: 'single', arm })
    if (quality > (byModel.get(model)?.quality ?? -1)) byModel.set(model, { model, arm, quality })
  }
  return [...byModel.values()].sort((a, b) => b.quality - a.quality)
}

function pairOf(table: DomainTable, better: Alone, other: Alone): PairDiversity {
  const { phi, either } = jointOf(table.byQuestion(better.arm), table.byQuestion(other.arm))
  const gain = (plan: FluidPlan) => table.worth(plan).quality - better.quality
  const team = [better.arm, other.arm] as const
  const escalations = table.arms.flatMap(({ model }, arm) =>
    model === better.model || model === other.model ? arm : [],
  )
  const probes = escalations.map((escalation) => gain({ kind: 'probe', arms: team, escalation }))
  return {
    better: better.model,
    other: other.model,
    betterAlone: better.quality,
    otherAlone: other.quality,
    phi: Number.isFinite(phi) ? phi : null,
    judge: either - better.quality,
    vote: table.isComparable ? gain({ kind: 'vote', arms: [better.arm, other.arm, better.arm] }) : null,
    probe: table.isComparable ? Math.max(...probes) : null,
    review: gain({ kind: 'review', arm: better.arm, reviewer: other.arm }),
  }
}
