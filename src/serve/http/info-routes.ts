/** @file What the gateway tells of itself: models, the cluster, a run's record, health, readiness, metrics. */
import type { FastifyInstance } from 'fastify'
import { InframindError, type JsonObject, type ModelState, type ReplicaState } from '../../core/index.ts'
import { type GatewayState, isReady } from './gateway-state.ts'
import { checkModelAllowed } from './key-guard.ts'

function modelObjects({ deps, startedAtMs }: GatewayState): JsonObject[] {
  const common = {
    object: 'model',
    created: Math.floor(startedAtMs / 1000),
    ...(deps.simulated && { simulated: true }),
  }
  return [
    ...[...deps.virtualModels.keys()].map((id) => ({ id, ...common, owned_by: 'inframind' })),
    ...deps.engineModels().map(({ model, contextTokens }) => ({
      id: model,
      ...common,
      owned_by: 'engine',
      ...(contextTokens !== null && { max_model_len: contextTokens }),
    })),
  ]
}

const replicaObject = (replica: ReplicaState): JsonObject => ({
  replica: replica.replica,
  usable: replica.isUsable,
  slots: replica.slots,
  own_in_flight: replica.ownInFlight,
  own_kv_tokens: replica.ownKvTokens,
  running: replica.running,
  waiting: replica.waiting,
  kv_usage: replica.kvUsage,
  kv_tokens: replica.kvTokens,
  context_tokens: replica.contextTokens,
  ttft_ms: replica.ttftMs,
  inter_token_ms: replica.interTokenMs,
  e2e_ms: replica.e2eMs,
  queue_ms: replica.queueMs,
  reading_age_ms: replica.readingAgeMs,
})

const modelObject = (state: ModelState): JsonObject => ({
  model: state.model,
  usable: state.isUsable,
  slots: state.slots,
  running: state.running,
  waiting: state.waiting,
  gateway_waiting: state.gatewayWaiting,
  gateway_waiting_ms: state.gatewayWaitingMs,
  kv_usage: state.kvUsage,
  ttft_ms: state.ttftMs,
  inter_token_ms: state.interTokenMs,
  queue_ms: state.queueMs,
  context_tokens: state.contextTokens,
  slowdown: state.slowdown,
  replicas: state.replicas.map(replicaObject),
})

function addModelRoutes(app: FastifyInstance, state: GatewayState): void {
  app.get('/v1/models', ({ key }) => {
    const visible = modelObjects(state).filter(({ id }) => key?.models?.includes(id as string) ?? true)
    return { object: 'list', data: visible }
  })
  // A wildcard: names of models may hold slashes.
  app.get<{ Params: { '*': string } }>('/v1/models/*', ({ params, key }) => {
    const id = params['*']
    checkModelAllowed(key, id)
    const found = modelObjects(state).find((model) => model['id'] === id)
    if (found) return found
    throw new InframindError('MODEL_UNKNOWN', 'No model of this name: see GET /v1/models.', { param: 'model' })
  })
}

/** Which of them ask for a key is decided in `gateway.ts`. */
export function addInfoRoutes(app: FastifyInstance, state: GatewayState): void {
  const { deps } = state
  addModelRoutes(app, state)
  app.get('/v1/cluster', () => {
    const cluster = deps.cluster()
    return {
      at_ms: cluster.atMs,
      load: cluster.load,
      ...(deps.simulated && { simulated: true }),
      models: cluster.models.map(modelObject),
    }
  })
  app.get<{ Params: { id: string } }>('/v1/runs/:id', ({ params, key }) => {
    const record = state.owners.mayRead(params.id, key) ? deps.runs.find(params.id) : undefined
    if (record) return record
    throw new InframindError('NOT_FOUND', 'No run of this id is kept here.')
  })
  app.get('/health', () => ({ status: 'ok' }))
  app.get('/ready', (_, reply) => {
    const ready = isReady(state)
    return reply.code(ready ? 200 : 503).send({ ready })
  })
  app.get('/metrics', async (_, reply) => reply.type(state.metrics.contentType).send(await state.metrics.text()))
}
