/**
 * @file The simulated engines alone: a Poisson stream of calls fed to them through the Engine port, no runtime, no policy.
 *
 * What it costs is what any policy's simulation costs at least: engine events and one promise per call. Answers have
 * lengths drawn beforehand (lognormal, as Concise answers to mathematics), or come from the answer model.
 */
import { type CancelSignal, type EngineCall, keyedRandom, type ModelId, type Profile } from '../../src/core/index.ts'
import { requireTruth } from '../../src/lab/index.ts'
import {
  type AnswerSource,
  createAnswerModel,
  createSimulatedEngine,
  createVirtualClock,
  type Fidelity,
  shareGpus,
  type TwinQuestion,
} from '../../src/twin/index.ts'

export interface BareLoad {
  readonly profile: Profile
  readonly questions: readonly TwinQuestion[]
  /** Each call goes to one of these by turns. */
  readonly models: readonly ModelId[]
  readonly calls: number
  readonly callsPerMinute: number
  readonly fidelity: Fidelity
  /** Default: lengths drawn beforehand. */
  readonly answers?: 'drawn' | 'model'
}

export interface BareRun {
  readonly spanMs: number
  readonly outputTokens: number
}

const messages = () => []
const never: CancelSignal = { aborted: false, addEventListener: () => {}, removeEventListener: () => {} }

/** Answers without text; the length is the next of a thousand. */
function drawnAnswers(): AnswerSource {
  const random = keyedRandom(1, 'lengths')
  const answers = Array.from({ length: 1000 }, () => ({
    text: '',
    promptTokens: 250,
    outputTokens: Math.ceil(Math.exp(5 + 0.7 * random.normal())),
    isRight: null,
  }))
  let asked = 0
  return { answer: () => answers[asked++ % answers.length] ?? unreachable() }
}

const unreachable = (): never => {
  throw new Error('a thousand answers, and none found')
}

export async function runBare(load: BareLoad): Promise<BareRun> {
  const { profile, questions, models, calls, callsPerMinute, fidelity } = load
  const clock = createVirtualClock()
  const truth = requireTruth(profile)
  const answers =
    load.answers === 'model' ? createAnswerModel({ truth, questions, seed: 1, text: 'compact' }) : drawnAnswers()
  const gpuOf = shareGpus(profile.gpus, profile.colocationEta.value)
  const engines = new Map(
    Object.entries(profile.models).map(([model, machine]) => {
      const [apiOverheadMs, prefillChunkTokens] = [profile.apiOverheadMs.value, profile.prefillChunkTokens.value]
      const machineParts = { machine, apiOverheadMs, prefillChunkTokens, gpu: gpuOf(model) }
      return [model, createSimulatedEngine({ id: `${model}#1`, model, clock, answers, fidelity, ...machineParts })]
    }),
  )
  const random = keyedRandom(1, 'bare')
  let [sent, ended, outputTokens] = [0, 0, 0]
  const finished = new Promise<void>((resolve) => {
    const arrive = () => {
      const question = random.pick(questions)
      const meaning = {
        questionText: question.text,
        strategy: 'Concise',
        kind: 'solve',
        role: null,
        inputs: [],
      } as const
      const call: EngineCall = {
        id: `run_${sent}/0/solver/0`,
        messages,
        meaning,
        promptTokens: 250,
        maxOutputTokens: 2048,
        deadlineAtMs: clock.nowMs() + 30_000,
        body: {},
      }
      const engine = engines.get(models[sent++ % models.length] as ModelId)
      void engine?.run(call, never).then(({ usage }) => {
        outputTokens += usage.outputTokens
        if (++ended === calls) resolve()
      })
      if (sent < calls) clock.at(clock.nowMs() + random.exponential(60_000 / callsPerMinute), arrive)
    }
    clock.at(0, arrive)
  })
  await clock.run(finished)
  return { spanMs: clock.nowMs(), outputTokens }
}
