import { beforeAll, describe, expect, it } from 'vitest'
import { anEpisode } from '../../../../../test/an-episode.ts'
import { createRandom, domains, type Random } from '../../../../core/index.ts'
import {
  argmax,
  createFeatures,
  createPaperPlanner,
  fixedLoadSize,
  latentSize,
  logProbabilityOf,
  type PaperPlanner,
  paperPlannerConfig,
  sampleCategorical,
  teamTexts,
  writeTeamDecision,
} from '../../../../policy/index.ts'
import { startJax } from '../../networks/index.ts'
import { type Episode, rowSizesOf, toShard } from '../../rollouts/index.ts'
import { paperSettings } from '../actor-critic/index.ts'
import { createTeamLearner } from './team-learner.ts'

beforeAll(() => startJax())

const models = 2
const query = createFeatures('How many legs have three dogs and two birds together?').embedding
const domain = domains.indexOf('math')
const loads = {
  idle: new Float32Array(fixedLoadSize(models)).fill(0.1),
  full: new Float32Array(fixedLoadSize(models)).fill(1.5),
}
type Load = keyof typeof loads
const sizes = rowSizesOf({ heads: { planner: 'paper' }, models: ['a', 'b'] })

/** What the twin would say: every agent more is worth something in an idle pool, and costs as much in a full one. */
const worthOf = (load: Load, agents: number) => ((load === 'idle' ? 1 : -1) * (agents - 1)) / 5

const texts = teamTexts()

function play(network: PaperPlanner, random: Random): Episode {
  const members = texts.membersOf('math')
  const at: Load = random.uniform() < 0.5 ? 'idle' : 'full'
  const load = loads[at]
  const noise = Float32Array.from({ length: latentSize }, () => random.normal())
  network.see(query, load, noise)
  let logProbability = 0
  const draw = (logits: Float32Array) => {
    const taken = sampleCategorical(logits, random.uniform())
    logProbability += logProbabilityOf(logits, taken)
    return taken
  }
  const topology = draw(network.topologyLogits())
  const agents = 1 + draw(network.countLogits())
  const roles: number[] = []
  while (roles.length < agents) {
    const logits = network.roleLogits(topology, roles)
    roles.push(members[draw(Float32Array.from(members, (member) => logits[member] as number))] as number)
  }
  const context = writeTeamDecision({ load, noise, domain, topology, roles })
  const nothing = { candidates: new Float32Array(0), count: 0, base: new Float32Array(0), taken: 0 }
  const decision = { ...nothing, context, logProbability, query }
  return { ...anEpisode({ correctness: worthOf(at, agents) }), decisions: [{ level: 'planner', decision }] }
}

/** Agents that serving would take. */
function agentsAt(parameters: Float32Array, load: Load): number {
  const network = createPaperPlanner(paperPlannerConfig(models), { parameters, texts })
  network.see(query, loads[load], null)
  return 1 + argmax(network.countLogits())
}

describe.each([1, 2, 3, 4, 5])("the paper's planner, seed %i", (seed) => {
  it('learns by REINFORCE to form large teams in an idle pool and single agents in a full one', async () => {
    const settings = { ...paperSettings, entropyFrom: 0.02, entropyTo: 0.003 }
    const learner = createTeamLearner({ models, settings, seed })
    const random = createRandom(seed)
    for (let epoch = 0; epoch < 8; epoch += 1) {
      const network = createPaperPlanner(paperPlannerConfig(models), { parameters: learner.policy(), texts })
      const shard = toShard(
        Array.from({ length: 256 }, () => play(network, random)),
        sizes,
      )
      await learner.learn([shard], ({ correctness }) => correctness, { epoch, progress: epoch / 8, learningRate: 3e-3 })
    }
    expect(agentsAt(learner.policy(), 'idle')).toBeGreaterThanOrEqual(5)
    expect(agentsAt(learner.policy(), 'full')).toBe(1)
  })
})
