/** @file What end-to-end tests do over HTTP: ask, read a stream, wait for something, and see that nothing is left behind. */
import { expect } from 'vitest'
import type { TwinEngine } from '../../src/cli/engines/twin-engines.ts'
import type { TwinGateway } from '../open-twin-gateway.ts'

/** The members of a chat completion, or of an error, that tests look at. */
export interface Answer {
  readonly choices: readonly {
    readonly message: { readonly content: string | null }
    readonly finish_reason: string
  }[]
  readonly usage: { readonly total_tokens: number }
  readonly inframind: Story
  readonly error?: WireError
}

export interface WireError {
  readonly message: string
  readonly type: string
  readonly param: string | null
  readonly code: string | null
  readonly inframind_code: string
}

export interface StepStory {
  readonly step: string
  readonly role: string
  readonly model: string | null
  readonly status: string
  readonly prompt_tokens: number
  readonly output_tokens: number
}

export interface Story {
  readonly run_id: string
  readonly topology: string
  readonly steps: readonly StepStory[]
  readonly budget_ms: number
  readonly elapsed_ms: number
  readonly on_time: boolean
  readonly degraded: string | null
}

/**
 * How an answer may fall short for lack of time alone, or null. A machine that is slow or stands still for a moment brings
 * any of them about; `steps-failed` is none of them.
 */
const fallBacks: readonly unknown[] = [null, 'steps-dropped', 'insurance', 'best-so-far', 'cut']

/** The story of an answer tells the truth about its time, and names a fall-back that exists if any. */
export function expectHonest({ degraded, elapsed_ms, budget_ms, on_time }: Story): void {
  expect(fallBacks).toContain(degraded)
  // Both are rounded.
  if (Math.abs(elapsed_ms - budget_ms) > 1) expect(on_time).toBe(elapsed_ms < budget_ms)
}

export interface Reply {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  readonly json: Answer
}

export interface AskOptions {
  readonly headers?: Readonly<Record<string, string>>
  readonly path?: string
  readonly signal?: AbortSignal
}

export const post = (url: string, body: unknown, { headers, path, signal }: AskOptions = {}): Promise<Response> =>
  fetch(url + (path ?? '/v1/chat/completions'), {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body),
    signal: signal ?? null,
  })

/** Sends `body` and reads the whole answer, which must be JSON. */
export async function ask(url: string, body: unknown, options: AskOptions = {}): Promise<Reply> {
  const response = await post(url, body, options)
  const text = await response.text()
  return { status: response.status, headers: response.headers, text, json: JSON.parse(text) as Answer }
}

export const question = (content: string, fields: object = {}) => ({
  model: 'inframind',
  messages: [{ role: 'user', content }],
  ...fields,
})

export interface Chunk {
  readonly choices: readonly {
    readonly delta: { readonly content?: string; readonly reasoning_content?: string }
    readonly finish_reason: string | null
  }[]
  readonly usage?: { readonly total_tokens: number }
  readonly inframind?: Partial<Story> & { readonly type?: string }
  readonly error?: WireError
}

/** Events of a stream as they come; `[DONE]` as the word. Throws where the connection breaks off. */
export async function* events(response: Response): AsyncGenerator<Chunk | '[DONE]'> {
  let rest = ''
  for await (const bytes of response.body!.pipeThrough(new TextDecoderStream())) {
    const parts = (rest + bytes).split('\n\n')
    rest = parts.pop() as string
    for (const part of parts) {
      if (part.startsWith(':')) continue
      const data = part.slice('data: '.length)
      yield data === '[DONE]' ? data : (JSON.parse(data) as Chunk)
    }
  }
  expect(rest, 'nothing after the last event').toBe('')
}

export async function allEvents(response: Response): Promise<readonly (Chunk | '[DONE]')[]> {
  const all: (Chunk | '[DONE]')[] = []
  for await (const event of events(response)) all.push(event)
  return all
}

export const textOfChunk = (event: Chunk | '[DONE]'): string =>
  event === '[DONE]' ? '' : (event.choices?.[0]?.delta.content ?? '')

const patienceMs = 30_000

/** Looks every 5 ms until `isTrue` holds, for 30 s at most; gives how long that took, in ms. */
export async function until(what: string, isTrue: () => boolean | Promise<boolean>): Promise<number> {
  const startedAtMs = performance.now()
  while (!(await isTrue())) {
    if (performance.now() - startedAtMs > patienceMs) throw new Error(`not within ${patienceMs} ms: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  return performance.now() - startedAtMs
}

/**
 * Tries up to six times to stay below `limitMs`; gives the quickest, in ms. A busy machine delays some of the tries, a fault
 * of ours delays them all.
 */
export async function quickest(limitMs: number, attempt: () => Promise<number>): Promise<number> {
  let leastMs = Infinity
  for (let tries = 0; tries < 6 && leastMs >= limitMs; tries += 1) leastMs = Math.min(leastMs, await attempt())
  return leastMs
}

/** Requests that an engine says it runs or holds waiting. */
export async function busyOn({ url }: Pick<TwinEngine, 'url'>): Promise<number> {
  const page = await (await fetch(`${url}/metrics`)).text()
  const gauge = (name: string) => Number(new RegExp(`^vllm:${name}\\{[^}]*\\} (\\S+)$`, 'm').exec(page)?.[1])
  return gauge('num_requests_running') + gauge('num_requests_waiting')
}

export async function busyEngines({ twins }: Pick<TwinGateway, 'twins'>): Promise<number> {
  const counts = await Promise.all(twins.map(busyOn))
  return counts.reduce((sum, count) => sum + count, 0)
}

/** Nothing of what was asked is left anywhere: no call waits, no slot is held, no engine works. */
export async function expectQuiet(gateway: TwinGateway): Promise<void> {
  const { monitor, dispatcher, runtime } = gateway.world
  await until('engines and gateway are quiet', async () => {
    const held = [...monitor.readings().keys()].reduce((sum, replica) => sum + monitor.inFlight(replica), 0)
    const { waiting, inFlight } = dispatcher.stats()
    return held + waiting + inFlight + runtime.inFlight === 0 && (await busyEngines(gateway)) === 0
  })
}

/** Waits until the gateway has noticed that all its engines serve. */
export const untilAllUsable = (gateway: TwinGateway): Promise<number> =>
  until('all engines are usable', () =>
    gateway.world.state().models.every(({ replicas }) => replicas.every(({ isUsable }) => isUsable)),
  )
