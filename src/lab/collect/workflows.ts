/**
 * @file Phase 1: real workflows through our own runtime, with random teams and strategies; every prompt is kept.
 *
 * The same world as in serving, but for who decides, and that the deadline ends nothing: budgets are drawn so that prompts
 * tell various times that are left. Slots are held down so that no model gets more than the largest level asked for. A
 * workflow is kept when it was answered; one that failed or was interrupted is run again from its beginning.
 */
import {
  type CallResult,
  type Engine,
  type EngineCall,
  type EngineReading,
  keyedRandom,
  noUsage,
} from '../../core/index.ts'
import { createTopologyBook } from '../../team/index.ts'
import { buildWorld, type World } from '../world.ts'
import type { CallAbout } from './call-desk.ts'
import { type CollectParts, modelsOf } from './collection.ts'
import type { PromptLine } from './lines.ts'
import { createRandomPlanner, randomPolicy } from './random-policies.ts'
import { type Source, shuffled } from './sources.ts'
import { WorkflowPrompts } from './workflow-prompts.ts'

/** Drawn for each workflow. Seconds: the paper's six. */
const budgetsSeconds = [10, 30, 50, 100, 200, 300]
const mostAtOnce = 16
const mostTries = 3

/** The run's name; draws go by it. */
export const workflowRunId = (seed: number, workflow: number): string => `run_collect_${seed}_${workflow}`

/** What workflow number `workflow` asks. */
export const sourceOf = (sources: readonly Source[], workflow: number): Source =>
  sources[workflow % sources.length] as Source

/** Runs the workflows that are not there yet. Throws POOL_UNAVAILABLE where all engines stay away. */
export async function runWorkflows(parts: CollectParts): Promise<void> {
  const runner = new WorkflowRunner(parts)
  await runner.run()
}

class WorkflowRunner {
  readonly #parts: CollectParts
  readonly #prompts = new WorkflowPrompts()
  readonly #world: World
  readonly #queue: number[]
  readonly #tries = new Map<number, number>()
  readonly #resumed: number
  #done: number

  constructor(parts: CollectParts) {
    this.#parts = parts
    const { workflows, seed } = parts.options
    const all = Array.from({ length: workflows }, (_, index) => index)
    this.#queue = [...shuffled(all, `${seed} workflows`)].filter((workflow) => !parts.files.hasWorkflow(workflow))
    this.#done = this.#resumed = workflows - this.#queue.length
    this.#world = createWorld(parts, this.#prompts)
  }

  async run(): Promise<void> {
    this.#tell()
    if (this.#queue.length === 0) return
    await this.#world.monitor.pollOnce()
    this.#world.monitor.start()
    try {
      const atOnce = Math.min(mostAtOnce, Math.max(...this.#parts.options.levels))
      await Promise.all(Array.from({ length: atOnce }, () => this.#work()))
    } finally {
      this.#world.monitor.stop()
    }
  }

  async #work(): Promise<void> {
    const { stop } = this.#parts
    for (let next = this.#queue.shift(); next !== undefined && !stop.isStopped; next = this.#queue.shift()) {
      try {
        await this.#runOne(next)
      } catch (error) {
        stop.fail(error)
      }
    }
  }

  async #runOne(workflow: number): Promise<void> {
    const { run, options, files, stop, health } = this.#parts
    const { messages, question } = sourceOf(run.sources, workflow)
    const runId = workflowRunId(options.seed, workflow)
    this.#prompts.begin(runId, { workflow, question })
    const budgetMs = 1000 * keyedRandom(options.seed, `budget ${runId}`).pick(budgetsSeconds)
    const request = { runId, arrivedAtMs: run.clock.nowMs(), budgetMs, messages }
    const result = await this.#world.runtime.run(request, stop.signal)
    const { prompts, plan } = this.#prompts.end(runId)
    if (stop.isStopped || result.status === 'aborted') return
    if (result.status !== 'answered' || plan === null) {
      const tries = (this.#tries.get(workflow) ?? 0) + 1
      this.#tries.set(workflow, tries)
      if (tries < mostTries) this.#queue.push(workflow)
      await health.untilUp(modelsOf(run.engines))
      return
    }
    const { topology, agents } = plan
    files.addWorkflow({ type: 'workflow', workflow, topology, agents }, prompts)
    this.#done += 1
    this.#tell()
  }

  #tell(): void {
    const { workflows } = this.#parts.options
    this.#parts.tell({ phase: 1, done: this.#done, total: workflows, resumed: this.#resumed })
  }
}

function createWorld(parts: CollectParts, prompts: WorkflowPrompts): World {
  const { run, options } = parts
  const { clock, prior, tiers } = run
  const most = Math.max(...options.levels)
  const engines = withinLoad(run.engines, most)
  const replicas = (replica: string) => {
    const model = engines.find(({ id }) => id === replica)?.model
    return engines.filter((engine) => engine.model === model).length
  }
  const topologies = createTopologyBook()
  const planner = createRandomPlanner({ topologies, seed: options.seed, maxAgents: options.maxAgents })
  const world: World = buildWorld({
    clock,
    engines: engines.map((engine) => throughDesk(engine, { parts, prompts, world: () => world })),
    prior,
    tiers,
    policy: randomPolicy,
    topologies,
    wrapPolicies: (policies) => ({
      ...policies,
      planner: {
        ...planner,
        plan: (query, state) => {
          const plan = planner.plan(query, state)
          prompts.planned(query, plan)
          return plan
        },
      },
    }),
    trace: { write: () => {} },
    random: keyedRandom(options.seed, 'collect dispatch'),
    // Every run brings its own.
    createRunId: () => 'run_collect',
    slots: (replica) => {
      const share = Math.max(1, Math.floor(most / replicas(replica)))
      return Math.min(run.slots(replica) ?? share, share)
    },
    settings: { enforcesDeadline: false, insures: false, rescuesUnread: false },
  })
  return world
}

/** No more replicas of a model than requests that it may get. */
const withinLoad = (engines: readonly Engine[], most: number): readonly Engine[] =>
  engines.filter((engine, index) => engines.slice(0, index).filter(({ model }) => model === engine.model).length < most)

interface DeskDeps {
  readonly parts: CollectParts
  readonly prompts: WorkflowPrompts
  readonly world: () => World
}

/** The engine as the world sees it: every call goes over the desk, and its prompt is remembered. */
function throughDesk(engine: Engine, { parts, prompts, world }: DeskDeps): Engine {
  const { desk, stop, budget } = parts
  return {
    id: engine.id,
    model: engine.model,
    read: (signal) => engine.read(signal),
    run: async (call, signal, observer) => {
      const prompt = prompts.promptOf(call)
      if (prompt === null) return notSent(call, parts)
      const about = aboutPrompt(prompt, world().monitor.readings().get(engine.id) ?? null)
      const heard = observer === undefined ? {} : { observer }
      const result = await desk.send(engine, call, { signal, ...heard, about })
      if (budget.end !== null) stop.now(budget.end)
      if (result === null) return notSent(call, parts)
      if (result.status === 'done' || result.status === 'cut') prompts.answered(prompt, call)
      return result
    },
  }
}

const aboutPrompt = (prompt: PromptLine, reading: EngineReading | null): CallAbout => ({
  phase: 1,
  isBackground: false,
  prompt: prompt.id,
  role: prompt.role,
  domain: prompt.domain,
  level: null,
  running: reading?.running ?? null,
  waiting: reading?.waiting ?? null,
  kvUsage: reading?.kvUsage ?? null,
  questionId: prompt.isGradable ? prompt.questionId : null,
})

/** The runtime tries it again elsewhere, or hears that all is over. */
function notSent(call: EngineCall, { run }: CollectParts): CallResult {
  const atMs = run.clock.nowMs()
  return {
    status: 'failed',
    text: '',
    reasoning: '',
    toolCalls: null,
    logprobs: null,
    usage: noUsage,
    isUsageReported: false,
    sentAtMs: atMs,
    firstTokenAtMs: null,
    finishedAtMs: atMs,
    finishReason: '',
    error: { code: 'ENGINE_OVERLOADED', message: `${call.id} was not sent`, status: null, retryAfterMs: null },
  }
}
