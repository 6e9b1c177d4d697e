/** @file A gateway in front of simulated engines over HTTP, in this process: for tests that go the whole way. */

import { startTwinEngines, stopTwinEngines, type TwinEngine } from '../src/cli/engines/twin-engines.ts'
import { type OpenGateway, openGateway } from '../src/cli/gateway/open-gateway.ts'
import type { RunRecord } from '../src/core/index.ts'
import { createWallClock } from '../src/core/index.ts'
import { defaultPolicy, loadProfile, type PolicyChoice, scalePrior } from '../src/lab/index.ts'
import { createSyntheticQuestions, type Question, syntheticDatasets } from '../src/lab/questions/index.ts'
import { createHttpEngine } from '../src/pool/index.ts'
import { type Config, configFromEngines, type GatewayLogger } from '../src/serve/index.ts'

export interface TwinGatewayOptions {
  /** Simulated seconds per second. Default 20: tests need not wait. */
  readonly timeScale?: number
  /** Models of the paper's profile to run; default all five. */
  readonly models?: readonly string[]
  /** Servers per model. Default 1. */
  readonly replicas?: number
  readonly policy?: PolicyChoice
  readonly config?: Partial<Config>
  readonly seed?: number
  /** Questions of each synthetic set that the engines know. Default 40. */
  readonly questionsPerSet?: number
  /** Default: says nothing. */
  readonly logger?: GatewayLogger
}

export interface TwinGateway extends OpenGateway {
  readonly twins: readonly TwinEngine[]
  readonly questions: readonly Question[]
  /** Records of finished runs, in order. */
  readonly finished: readonly RunRecord[]
  stop(): Promise<void>
}

export async function openTwinGateway(options: TwinGatewayOptions = {}): Promise<TwinGateway> {
  const { timeScale = 20, seed = 1, replicas = 1, questionsPerSet: count = 40 } = options
  const whole = loadProfile('paper-b200')
  const kept = Object.entries(whole.models).filter(([model]) => options.models?.includes(model) ?? true)
  const profile = { ...whole, models: Object.fromEntries(kept) }
  const questions = syntheticDatasets.flatMap((dataset) => createSyntheticQuestions({ dataset, count, seed }))
  const rounds: (readonly TwinEngine[])[] = []
  for (let round = 0; round < replicas; round += 1) {
    rounds.push(await startTwinEngines({ profile, questions, seed, timeScale, firstPort: 0 }))
  }
  const twins = rounds.flat()
  const clock = createWallClock()
  const finished: RunRecord[] = []
  const open = await openGateway({
    config: {
      ...configFromEngines(twins.map(({ url }) => url)),
      listen: { host: '127.0.0.1', port: 0 },
      ...options.config,
    },
    engines: twins.map(({ model, url }, index) =>
      createHttpEngine({
        id: `${model}#${1 + Math.floor(index / kept.length)}`,
        model,
        servedModel: model,
        url,
        dialect: 'vllm',
        clock,
        acceptsPriority: true,
        slots: null,
      }),
    ),
    slots: (replica) => profile.models[replica.replace(/#\d+$/, '')]?.slots.value ?? null,
    prior: scalePrior(profile.prior, timeScale),
    tiers: {},
    policy: options.policy ?? defaultPolicy,
    seed,
    sinks: [{ write: (record) => void finished.push(record) }],
    recordsDirectory: null,
    isSimulated: true,
    logger: options.logger ?? { info: () => {}, warn: () => {}, error: () => {} },
  })
  const stop = async () => {
    await open.close(1000)
    await stopTwinEngines(twins)
  }
  return { ...open, twins, questions, finished, stop }
}
