/**
 * @file A streamed chat completion as it is read: text, usage, how it ended, and what INFRAMIND tells of the run.
 *
 * Chunks are taken as any server sends them: unknown fields are passed over, a chunk that is no JSON object ends the
 * answer as broken. Complete is what ends with `[DONE]` or a finish reason; anything else was cut off on the way.
 */
import { z } from 'zod'
import { type RunPlanned, type RunStory, readPlanned, readStory, type StreamUsage } from './story.ts'

const tokens = z.int().nonnegative()
const chunkSchema = z.looseObject({
  choices: z
    .array(
      z.looseObject({
        delta: z.looseObject({ content: z.string().nullish(), reasoning_content: z.string().nullish() }).nullish(),
        message: z.looseObject({ content: z.string().nullish() }).nullish(),
        finish_reason: z.string().nullish(),
      }),
    )
    .nullish(),
  usage: z.looseObject({ prompt_tokens: tokens, completion_tokens: tokens }).nullish(),
  inframind: z.unknown().optional(),
  error: z.unknown().optional(),
})

export class AnswerStream {
  text = ''
  finishReason: string | null = null
  usage: StreamUsage | null = null
  story: RunStory | null = null
  planned: RunPlanned | null = null
  /** What went wrong, as told within the stream; null: nothing. */
  problem: string | null = null
  #isDone = false

  /** The server said that nothing follows. */
  get isDone(): boolean {
    return this.#isDone
  }

  get isComplete(): boolean {
    return this.problem === null && (this.#isDone || this.finishReason !== null)
  }

  /** Takes the data of an event, or a whole completion's JSON. True: it brought text, shown or reasoned. */
  take(data: string): boolean {
    if (data === '[DONE]') {
      this.#isDone = true
      return false
    }
    const chunk = chunkSchema.safeParse(jsonOrNull(data))
    if (!chunk.success) {
      this.problem ??= `not a chunk: ${data.slice(0, 80)}`
      return false
    }
    const { choices, usage, inframind, error } = chunk.data
    if (error !== undefined && error !== null) this.problem ??= JSON.stringify(error).slice(0, 200)
    if (usage) this.usage = { promptTokens: usage.prompt_tokens, outputTokens: usage.completion_tokens }
    this.planned = readPlanned(inframind) ?? this.planned
    this.story = readStory(inframind) ?? this.story
    const choice = choices?.[0]
    if (choice?.finish_reason) this.finishReason = choice.finish_reason
    const said = choice?.delta?.content ?? choice?.message?.content ?? ''
    this.text += said
    return said !== '' || (choice?.delta?.reasoning_content ?? '') !== ''
  }
}

function jsonOrNull(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
