/**
 * @file Background load on a gateway: queries at random instants and a constant mean rate, whatever comes back.
 *
 * Open loop: a slow answer does not hold the next query back, which is what real callers do and what makes overload visible.
 */
import { Agent, request } from 'undici'
import { type Cancel, type Clock, keyedRandom } from '../../core/index.ts'
import type { Question } from '../../lab/questions/index.ts'

export interface BackgroundLoadOptions {
  readonly url: string
  readonly clock: Clock
  readonly questions: readonly Question[]
  readonly ratePerMinute: number
  /** One is drawn for each query. */
  readonly budgetsMs: readonly number[]
  readonly seed: number
}

/** Starts at once; `stop` sends nothing more and drops what is under way. */
export function startBackgroundLoad(options: BackgroundLoadOptions): { stop(): Promise<void> } {
  const { clock, questions, ratePerMinute, budgetsMs, url } = options
  const random = keyedRandom(options.seed, 'background-load')
  const agent = new Agent({ connections: null, headersTimeout: 0, bodyTimeout: 0 })
  let cancel: Cancel = () => {}
  const sendNext = () => {
    const waitMs = random.exponential(60_000 / ratePerMinute)
    cancel = clock.at(clock.nowMs() + waitMs, () => {
      void send(url, { agent, question: random.pick(questions), budgetMs: random.pick(budgetsMs) })
      sendNext()
    })
  }
  sendNext()
  return {
    stop: () => {
      cancel()
      return agent.destroy()
    },
  }
}

/** What comes back is counted by the gateway's own records; here only the socket is emptied. */
async function send(
  url: string,
  { agent, question, budgetMs }: { readonly agent: Agent; readonly question: Question; readonly budgetMs: number },
): Promise<void> {
  const body = JSON.stringify({
    model: 'inframind',
    messages: [{ role: 'user', content: question.text }],
    inframind: { budget_ms: budgetMs },
  })
  try {
    const answer = await request(`${url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
      dispatcher: agent,
    })
    await answer.body.dump()
  } catch {
    // The gateway is stopping, or refused the connection: its own log tells.
  }
}
