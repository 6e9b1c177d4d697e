/** @file The head of a stream: its first bytes up to a cap, and whether there were more. */

export class HeadBuffer {
  readonly #capBytes: number
  readonly #chunks: Buffer[] = []
  #bytes = 0
  #isFull = false

  constructor(capBytes: number) {
    this.#capBytes = capBytes
  }

  /** More came than the cap: what was past it is lost. */
  get isFull(): boolean {
    return this.#isFull
  }

  push(chunk: Buffer): void {
    const room = this.#capBytes - this.#bytes
    if (chunk.length > room) this.#isFull = true
    const kept = chunk.length > room ? chunk.subarray(0, room) : chunk
    if (kept.length === 0) return
    this.#chunks.push(kept)
    this.#bytes += kept.length
  }

  /** As UTF-8. A character that the cap cut in two is left out; bytes that are no UTF-8 become U+FFFD. */
  text(): string {
    return new TextDecoder('utf-8', { ignoreBOM: true }).decode(Buffer.concat(this.#chunks), { stream: this.#isFull })
  }
}
