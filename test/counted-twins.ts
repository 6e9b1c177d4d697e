/** @file Simulated engines behind real HTTP servers that count what they are sent: what a client cannot lie about. */
import { createScaledClock, createWallClock, type ModelId } from '../src/core/index.ts'
import { loadProfile, requireTruth } from '../src/lab/profile-file.ts'
import { createSyntheticQuestions, syntheticDatasets } from '../src/lab/questions/index.ts'
import { readMeaning } from '../src/team/index.ts'
import { startTwinServer, type TwinServer } from '../src/twin/http/index.ts'
import { createAnswerModel, createSimulatedEngine } from '../src/twin/index.ts'

export interface CountedTwin {
  readonly model: ModelId
  readonly url: string
  readonly server: TwinServer
  /** Calls that the engine got, under way at most, under way now. */
  readonly sent: number
  readonly peak: number
  readonly underWay: number
}

export interface CountedTwinsOptions {
  readonly models: readonly ModelId[]
  /** Simulated seconds per second. */
  readonly timeScale: number
  /** Hears of every call as the engine gets it. */
  readonly onCall: (twin: CountedTwin) => void
}

/** Questions are those that synthetic sets are made of by default. */
export async function startCountedTwins(options: CountedTwinsOptions): Promise<readonly CountedTwin[]> {
  const { models, timeScale, onCall } = options
  const profile = loadProfile('paper-b200')
  const clock = createScaledClock(createWallClock(), timeScale)
  const questions = syntheticDatasets.flatMap((dataset) => createSyntheticQuestions({ dataset, count: 600, seed: 1 }))
  const answers = createAnswerModel({ truth: requireTruth(profile), questions, seed: 1, text: 'full' })
  return Promise.all(
    models.map(async (model) => {
      const machine = profile.models[model]!
      const engine = createSimulatedEngine({
        id: `${model}#1`,
        model,
        machine,
        apiOverheadMs: profile.apiOverheadMs.value,
        prefillChunkTokens: profile.prefillChunkTokens.value,
        clock,
        answers,
        fidelity: 'event-skipping',
        deltaEveryMs: 25 * timeScale,
      })
      const count = { sent: 0, peak: 0, underWay: 0 }
      const counting: typeof engine = {
        id: engine.id,
        model,
        read: (signal) => engine.read(signal),
        statistics: () => engine.statistics(),
        slowdownChanged: () => engine.slowdownChanged(),
        setDown: (isDown) => engine.setDown(isDown),
        setStalled: (isStalled) => engine.setStalled(isStalled),
        run: async (call, signal, observer) => {
          count.sent += 1
          count.underWay += 1
          count.peak = Math.max(count.peak, count.underWay)
          onCall(twin)
          const result = await engine.run(call, signal, observer)
          count.underWay -= 1
          return result
        },
      }
      const maxModelLen = machine.maxModelLen.value
      const server = await startTwinServer({ engine: counting, model, clock, readMeaning, maxModelLen })
      const twin: CountedTwin = {
        model,
        url: server.url,
        server,
        get sent() {
          return count.sent
        },
        get peak() {
          return count.peak
        },
        get underWay() {
          return count.underWay
        },
      }
      return twin
    }),
  )
}
