/**
 * @file The gateway under test, seen from outside: is it there, what does it serve, is it one of ours.
 *
 * Asked before anything is sent, so that a wrong address, key or model name is told at once instead of filling a result
 * with failures. Connections are our own and as many as needed: a limit here would hold queries back.
 */
import { type Agent, request } from 'undici'
import { z } from 'zod'
import { ConfigError, suggestName } from '../../../core/index.ts'
import { gatewayOrigin, type LiveOptions } from './live-options.ts'

export interface Gateway {
  readonly origin: string
  readonly headers: Readonly<Record<string, string>>
  readonly agent: Agent
  /** It has INFRAMIND's `GET /v1/cluster`. */
  readonly hasCluster: boolean
  /** The model is orchestrated by INFRAMIND: answers tell their story. */
  readonly isOrchestrated: boolean
  /** It says of itself that its pool is simulated. */
  readonly isSimulated: boolean
  /** Names that it lists; empty: it lists none. */
  readonly models: readonly string[]
}

const modelList = z.looseObject({
  data: z.array(z.looseObject({ id: z.string(), owned_by: z.string().optional(), simulated: z.boolean().optional() })),
})

const lookMs = 10_000

interface Fetched {
  readonly status: number
  readonly body: unknown
}

/** Status and JSON body (null: no JSON) of a GET. Rejects where nothing answers in time. */
export async function getJson({ origin, headers, agent }: Pick<Gateway, 'origin' | 'headers' | 'agent'>, path: string) {
  const times = { headersTimeout: lookMs, bodyTimeout: lookMs }
  const { statusCode, body } = await request(`${origin}${path}`, { headers, dispatcher: agent, ...times })
  const text = await body.text()
  try {
    return { status: statusCode, body: JSON.parse(text) } satisfies Fetched
  } catch {
    return { status: statusCode, body: null } satisfies Fetched
  }
}

/** Looks at the gateway. Throws ConfigError: not there, key refused, model not served. `agent` is the caller's to destroy. */
export async function findGateway(options: Pick<LiveOptions, 'url' | 'key' | 'model'>, agent: Agent): Promise<Gateway> {
  const origin = gatewayOrigin(options.url)
  const headers = options.key === null ? {} : { authorization: `Bearer ${options.key}` }
  const address = { origin, headers, agent }
  const models = await listModels(address)
  checkModel(options.model, models)
  const cluster = await getJson(address, '/v1/cluster').catch(() => null)
  const hasCluster = cluster?.status === 200
  return {
    ...address,
    hasCluster,
    isOrchestrated:
      hasCluster && models.some((model) => isNamed(model, options.model) && model.ownedBy === 'inframind'),
    isSimulated: models.some(({ isSimulated }) => isSimulated),
    models: models.map(({ id }) => id),
  }
}

interface Listed {
  readonly id: string
  readonly ownedBy: string | null
  readonly isSimulated: boolean
}

/** `fast@10s` is the model `fast` with a budget. */
const isNamed = ({ id }: Listed, name: string): boolean => id === name || id === name.replace(/@[^@]*$/, '')

async function listModels(address: Pick<Gateway, 'origin' | 'headers' | 'agent'>): Promise<readonly Listed[]> {
  const { status, body } = await getJson(address, '/v1/models').catch((error: NodeJS.ErrnoException) => {
    const fix = 'Start it (inframind demo, inframind serve, vllm serve ...) or correct the URL.'
    throw problem('--live', { expected: `a gateway on ${address.origin}`, got: error.code ?? error.message, fix })
  })
  if (status === 401 || status === 403) {
    throw problem('--key', {
      expected: 'a key that the gateway accepts',
      got: `HTTP ${status}`,
      fix: 'Give --key KEY.',
    })
  }
  // Some servers list no models: then the name is taken as it is.
  if (status === 404 || status === 405) return []
  const parsed = modelList.safeParse(body)
  if (status !== 200 || !parsed.success) {
    const fix = 'Is this the address of an OpenAI-compatible server?'
    throw problem('--live', { expected: 'a list of models on GET /v1/models', got: `HTTP ${status}`, fix })
  }
  return parsed.data.data.map(({ id, owned_by, simulated }) => ({
    id,
    ownedBy: owned_by ?? null,
    isSimulated: simulated === true,
  }))
}

function checkModel(name: string, models: readonly Listed[]): void {
  if (models.length === 0 || models.some((model) => isNamed(model, name))) return
  const fix = suggestName(
    name,
    models.map(({ id }) => id),
  )
  throw problem('--model', { expected: 'a model that the gateway serves', got: name, fix })
}

const problem = (path: string, what: { readonly expected: string; readonly got: string; readonly fix: string }) =>
  new ConfigError([{ path, ...what }], 'the gateway')
