/**
 * @file Server-sent events, from bytes as they arrive to the data of each event.
 *
 * Bytes may be cut anywhere: inside a UTF-8 sequence, between CR and LF, in the middle of a field name. An event ends at a
 * blank line; several `data` lines make one string joined by newlines; comments and the fields `event`, `id` and `retry`
 * are passed over, since no engine gives them a meaning. `[DONE]` comes out as it is: its meaning is the caller's.
 * Cost: O(bytes), whatever the cuts.
 *
 * Source: WHATWG HTML, section 9.2 "Server-sent events". Ours differs in `end`: an event whose blank line is missing at the
 * end of the stream still counts, because some servers leave it out after `[DONE]`.
 */

/** The data by which OpenAI's streams say that nothing follows. */
export const sseDone = '[DONE]'

export class SseParser {
  readonly #decoder = new TextDecoder()
  /** Text after the last line break. */
  #rest = ''
  /** Where in `#rest` to look on for a line break. */
  #searchedTo = 0
  /** The last line ended with a CR at the end of the input: a LF that follows belongs to it. */
  #skipsLineFeed = false
  /** Data lines of the event under way; null: none yet. */
  #data: string | null = null

  /** Characters held back until their event is complete: for a limit on what an engine may make us keep. */
  get heldChars(): number {
    return this.#rest.length + (this.#data?.length ?? 0)
  }

  /** Takes the next bytes; gives the data of the events that they complete, in order. */
  push(bytes: Uint8Array): string[] {
    return this.#take(this.#decoder.decode(bytes, { stream: true }))
  }

  /** The stream is over: gives the last event even where its blank line, or its line break, is missing. */
  end(): string[] {
    return this.#take(`${this.#decoder.decode()}\n\n`)
  }

  #take(text: string): string[] {
    if (text === '') return []
    const isPairedLineFeed = this.#skipsLineFeed && text.startsWith('\n')
    this.#skipsLineFeed = false
    this.#rest += isPairedLineFeed ? text.slice(1) : text
    const events: string[] = []
    let start = 0
    for (let end = this.#lineBreak(); end !== -1; end = this.#lineBreak()) {
      this.#line(this.#rest.slice(start, end), events)
      start = this.#afterBreak(end)
      this.#searchedTo = start
    }
    this.#rest = this.#rest.slice(start)
    this.#searchedTo = this.#rest.length
    return events
  }

  #lineBreak(): number {
    for (let index = this.#searchedTo; index < this.#rest.length; index += 1) {
      const unit = this.#rest.charCodeAt(index)
      if (unit === 10 || unit === 13) return index
    }
    return -1
  }

  #afterBreak(end: number): number {
    if (this.#rest.charCodeAt(end) === 10) return end + 1
    if (end + 1 === this.#rest.length) this.#skipsLineFeed = true
    return this.#rest.charCodeAt(end + 1) === 10 ? end + 2 : end + 1
  }

  #line(line: string, events: string[]): void {
    if (line === '') {
      if (this.#data !== null) events.push(this.#data)
      this.#data = null
      return
    }
    if (line !== 'data' && !line.startsWith('data:')) return
    const value = line.startsWith('data: ') ? line.slice(6) : line.slice(5)
    this.#data = this.#data === null ? value : `${this.#data}\n${value}`
  }
}
