/**
 * @file A chat request as the runtime takes it: fields, extension, virtual model, budget and the key's ceilings in one.
 *
 * Precedence of limits: the request's own, then the virtual model's; the key's ceilings bound both. What the request
 * itself cannot have together (tools and a team) is refused; what only its virtual model would add is left out.
 */
import { type QueryLimits, type RunId, type StrategyId, strategyIds } from '../../core/index.ts'
import type { ApiKey, VirtualModel } from '../config/index.ts'
import { type BudgetSources, capBudget, defaultAutoFactor, resolveBudget } from './budget.ts'
import { type ChatFields, parseChatFields } from './chat-fields.ts'
import { invalid, unsupported } from './error-answer.ts'
import { type Extension, parseExtension, type StepMode } from './extension.ts'
import { parseMessages } from './messages.ts'
import type { EngineModel, Headers, QueryRequest } from './ports.ts'
import type { RequestBody } from './request-body.ts'

export interface ChatRequest {
  readonly query: QueryRequest
  readonly isStreamed: boolean
  readonly includesUsage: boolean
  readonly steps: StepMode
}

export interface ChatContext {
  readonly runId: RunId
  readonly arrivedAtMs: number
  readonly headers: Headers
  readonly virtual: VirtualModel
  readonly suffixBudgetMs: number | null
  readonly defaultBudgetMs: number
  readonly topologies: readonly string[]
  readonly engineModels: readonly EngineModel[]
  /** Null: no keys are asked for. */
  readonly key: ApiKey | null
  /** See `GatewayDeps`. */
  predictP95Ms?(query: QueryRequest): number | null
}

const depthOf = (strategy: StrategyId) => strategyIds.indexOf(strategy)
const least = (...values: readonly (number | null | undefined)[]) => {
  const set = values.filter((value) => value !== null && value !== undefined)
  return set.length === 0 ? undefined : Math.min(...set)
}

function refuseContradictions({ limits }: Extension, { soloReason, deepestStrategy }: ChatFields): void {
  if (limits.topology !== undefined && soloReason !== null) {
    const field = soloReason === 'tools' ? 'tools' : 'response_format'
    throw unsupported('inframind.topology', `a team together with ${field} is not available yet: leave one out.`)
  }
  if (limits.strategy && deepestStrategy && depthOf(limits.strategy) > depthOf(deepestStrategy)) {
    throw invalid('inframind.strategy', `deeper than reasoning_effort allows (${deepestStrategy}): change one of them.`)
  }
}

function mergeLimits(extension: Extension, fields: ChatFields, { virtual, key }: ChatContext): QueryLimits {
  const { topology: virtualTopology, strategy: virtualStrategy, ...virtualRest } = virtual.limits
  const merged: QueryLimits = {
    ...virtualRest,
    ...(virtualTopology !== undefined && fields.soloReason === null && { topology: virtualTopology }),
    ...extension.limits,
  }
  const { deepestStrategy } = fields
  const isVirtualAllowed =
    virtualStrategy && (deepestStrategy === null || depthOf(virtualStrategy) <= depthOf(deepestStrategy))
  const strategy = extension.limits.strategy ?? (isVirtualAllowed ? virtualStrategy : undefined)
  const maxCalls = least(merged.maxCalls, key?.maxCalls)
  const maxTotalTokens = least(merged.maxTotalTokens, key?.maxTotalTokens)
  return {
    ...merged,
    ...(strategy && { strategy }),
    ...(deepestStrategy && { deepestStrategy }),
    ...(maxCalls !== undefined && { maxCalls }),
    ...(maxTotalTokens !== undefined && { maxTotalTokens }),
  }
}

/** The budget of `query`; where it is `auto`, of what the default team would take within the budget that stands otherwise. */
function budgetOf(
  query: Omit<QueryRequest, 'budgetMs'>,
  { asked, context }: { readonly asked: BudgetSources['bodyMs']; readonly context: ChatContext },
): Pick<QueryRequest, 'budgetMs' | 'autoBudget'> {
  const { headers, virtual, defaultBudgetMs: defaultMs } = context
  const ceilingMs = context.key?.maxBudgetMs ?? null
  const { budgetMs, auto } = resolveBudget({
    headers,
    bodyMs: asked,
    suffixMs: context.suffixBudgetMs,
    virtualMs: virtual.budgetMs,
    defaultMs,
    ceilingMs,
    predict: () => {
      const standingMs = typeof virtual.budgetMs === 'number' ? virtual.budgetMs : defaultMs
      const p95Ms =
        context.predictP95Ms?.({ ...query, budgetMs: capBudget(standingMs, { headers, ceilingMs }) }) ?? null
      return p95Ms === null ? null : { predictedP95Ms: p95Ms, factor: virtual.autoFactor ?? defaultAutoFactor }
    },
  })
  return { budgetMs, ...(auto && { autoBudget: auto }) }
}

/** Engine models that may work for `key`; undefined: all of them. */
function allowedModels({ key, engineModels }: ChatContext): readonly string[] | undefined {
  const named = engineModels.map(({ model }) => model).filter((model) => key?.models?.includes(model))
  return named.length === 0 ? undefined : named
}

/** Throws `REQUEST_INVALID` or `UNSUPPORTED_PARAMETER`, naming the field at fault. */
export function toChatRequest({ fields: body }: RequestBody, context: ChatContext): ChatRequest {
  const conversation = parseMessages(body['messages'])
  const fields = parseChatFields(body, conversation)
  const extension = parseExtension(body['inframind'], context.topologies)
  refuseContradictions(extension, fields)
  const domain = extension.domain ?? context.virtual.domain
  const models = allowedModels(context)
  const query = {
    runId: context.runId,
    arrivedAtMs: context.arrivedAtMs,
    messages: conversation.messages,
    ...(domain && { domain }),
    limits: mergeLimits(extension, fields, context),
    soloReason: fields.soloReason,
    finalStepBody: fields.finalStepBody,
    maxOutputTokens: fields.maxOutputTokens,
    seed: fields.seed,
    ...(models && { allowedModels: models }),
  }
  return {
    query: { ...query, ...budgetOf(query, { asked: extension.budgetMs, context }) },
    isStreamed: fields.isStreamed,
    includesUsage: fields.includesUsage,
    steps: extension.steps,
  }
}
