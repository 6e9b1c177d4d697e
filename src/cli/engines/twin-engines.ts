/**
 * @file The embedded pool: every model of a profile as a simulated engine behind a real HTTP server on loopback.
 *
 * The gateway reaches these over the network like any engine, so that the demo runs the product and not a shortcut.
 */
import { createScaledClock, createWallClock, type ModelId, type Profile } from '../../core/index.ts'
import { requireTruth } from '../../lab/index.ts'
import type { Question } from '../../lab/questions/index.ts'
import { readMeaning } from '../../team/index.ts'
import { startTwinServer, type TwinServer } from '../../twin/http/index.ts'
import { createAnswerModel, createSimulatedEngine, shareGpus } from '../../twin/index.ts'

export interface TwinEngine {
  readonly model: ModelId
  readonly url: string
  readonly server: TwinServer
}

export interface TwinEnginesOptions {
  readonly profile: Profile
  readonly questions: readonly Question[]
  readonly seed: number
  /** Simulated seconds per second. */
  readonly timeScale: number
  /** Port of the first engine; the others follow. 0: any free ports. */
  readonly firstPort: number
}

/** Starts one server per model; closes those already started when one fails. */
export async function startTwinEngines(options: TwinEnginesOptions): Promise<readonly TwinEngine[]> {
  const { profile, questions, seed, timeScale, firstPort } = options
  const clock = createScaledClock(createWallClock(), timeScale)
  const answers = createAnswerModel({ truth: requireTruth(profile), questions, seed, text: 'full' })
  const gpuOf = shareGpus(profile.gpus, profile.colocationEta.value)
  const started: TwinEngine[] = []
  try {
    for (const [index, [model, machine]] of Object.entries(profile.models).entries()) {
      const engine = createSimulatedEngine({
        id: `${model}#1`,
        model,
        machine,
        apiOverheadMs: profile.apiOverheadMs.value,
        prefillChunkTokens: profile.prefillChunkTokens.value,
        clock,
        answers,
        fidelity: 'event-skipping',
        gpu: gpuOf(model),
        deltaEveryMs: 25 * timeScale,
      })
      const maxModelLen = machine.maxModelLen.value
      const port = firstPort === 0 ? 0 : firstPort + index
      const server = await startTwinServer({ engine, model, clock, readMeaning, maxModelLen, port })
      started.push({ model, url: server.url, server })
    }
  } catch (error) {
    await stopTwinEngines(started)
    throw error
  }
  return started
}

export async function stopTwinEngines(engines: readonly TwinEngine[]): Promise<void> {
  await Promise.all(engines.map(({ server }) => server.close()))
}
