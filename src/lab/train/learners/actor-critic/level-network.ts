/**
 * @file The network that a level learns with, by what scores: our candidate scorer, or the paper's joint head.
 *
 * Said in plain data, so that any thread can make the same network of it.
 */
import {
  type CandidateScorerConfig,
  candidateScorerShapes,
  parameterCount,
  teamTexts,
} from '../../../../policy/index.ts'
import { writeDecision, writeJointDecision } from '../../losses/index.ts'
import {
  candidateActorCritic,
  type JointConfig,
  jointActorCritic,
  jointShapes,
  type Trainable,
} from '../../networks/index.ts'

export type ScorerConfig = CandidateScorerConfig | JointConfig

export interface LevelNetwork {
  readonly network: Trainable
  /** Parameters of the policy, which come before those of the critic. */
  readonly policySize: number
  /** Fills a row of a batch. */
  readonly write: typeof writeDecision
}

/** `places`: most candidates of a decision; the joint head has its own. */
export function createLevelNetwork(
  scorer: ScorerConfig,
  { places, privilegedSize }: { readonly places: number; readonly privilegedSize: number },
): LevelNetwork {
  if ('models' in scorer) {
    const texts = teamTexts()
    return {
      network: jointActorCritic(scorer, privilegedSize),
      policySize: parameterCount(jointShapes(scorer)),
      write: (batch, row, labelled) => writeJointDecision(batch, row, { ...labelled, texts }),
    }
  }
  return {
    network: candidateActorCritic({ ...scorer, places }, { privilegedSize }),
    policySize: parameterCount(candidateScorerShapes(scorer)),
    write: writeDecision,
  }
}
