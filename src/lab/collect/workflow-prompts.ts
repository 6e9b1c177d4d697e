/**
 * @file The prompts of workflows under way, step by step, and what calls are written down with.
 *
 * A step that was tried again keeps the prompt of the try that was answered first.
 */
import type { EngineCall, Plan, PlannedStep, Query, RunId } from '../../core/index.ts'
import { role as findRole } from '../../team/index.ts'
import type { Question } from '../questions/index.ts'
import type { PromptLine } from './lines.ts'
import { isStepByStep } from './strategy-text.ts'

interface OpenWorkflow {
  readonly workflow: number
  readonly question: Question | null
  readonly query: Query
  readonly plan: Plan
  readonly prompts: Map<string, PromptLine>
}

export class WorkflowPrompts {
  readonly #open = new Map<RunId, OpenWorkflow>()
  readonly #asked = new Map<RunId, Pick<OpenWorkflow, 'workflow' | 'question'>>()

  begin(runId: RunId, asked: Pick<OpenWorkflow, 'workflow' | 'question'>): void {
    this.#asked.set(runId, asked)
  }

  planned(query: Query, plan: Plan): void {
    const asked = this.#asked.get(query.runId)
    if (asked !== undefined) this.#open.set(query.runId, { ...asked, query, plan, prompts: new Map() })
  }

  /** Ends the run: its prompts in the order of the plan's steps. */
  end(runId: RunId): { readonly prompts: readonly PromptLine[]; readonly plan: Plan | null } {
    const open = this.#open.get(runId)
    this.#open.delete(runId)
    this.#asked.delete(runId)
    const prompts = open?.plan.steps.flatMap(({ id }) => open.prompts.get(id) ?? []) ?? []
    return { prompts, plan: open?.plan ?? null }
  }

  /** The prompt of `call`; null: it belongs to no workflow under way. */
  promptOf(call: EngineCall): PromptLine | null {
    const { runId, stepId } = partsOf(call.id)
    const open = this.#open.get(runId)
    const step = open?.plan.steps.find(({ id }) => id === stepId)
    return open === undefined || step === undefined ? null : toPrompt(open, step, call)
  }

  answered(prompt: PromptLine, call: EngineCall): void {
    const { runId, stepId } = partsOf(call.id)
    const prompts = this.#open.get(runId)?.prompts
    if (prompts !== undefined && !prompts.has(stepId)) prompts.set(stepId, prompt)
  }
}

/** `run/step.../attempt`. */
function partsOf(callId: string): { readonly runId: RunId; readonly stepId: string } {
  const [runId = '', ...rest] = callId.split('/')
  return { runId, stepId: rest.slice(0, -1).join('/') }
}

function toPrompt({ workflow, question, query }: OpenWorkflow, step: PlannedStep, call: EngineCall): PromptLine {
  const { strategy, kind, inputs, inputModels, questionText } = call.meaning
  const messages = call.messages()
  const answers = step.isLast || findRole(step.role, query.domain).output === 'answer'
  return {
    type: 'prompt',
    id: `${workflow}:${step.id}`,
    workflow,
    role: step.role,
    kind,
    domain: query.domain,
    strategy,
    stepByStep: isStepByStep(messages),
    isGradable: question !== null && answers && step.kind === 'solve' && inputs.length === 0,
    questionId: question?.id ?? null,
    questionText,
    inputs,
    inputModels: inputModels ?? null,
    promptTokens: call.promptTokens,
    messages,
    body: call.body,
  }
}
