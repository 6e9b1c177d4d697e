/** @file Reads a request's body: JSON in UTF-8, not larger than the limit. */
import type { IncomingMessage } from 'node:http'
import { Refusal } from './wire-answers.ts'

const longestBodyBytes = 32 * 1024 * 1024

/** The parsed body. Throws Refusal 413, 415 or 400. */
export async function readJsonBody(request: IncomingMessage): Promise<unknown> {
  const type = request.headers['content-type'] ?? 'application/json'
  if (!/^application\/([\w.-]+\+)?json\b/i.test(type)) {
    throw new Refusal(415, `expected a body of type application/json, got ${type}`)
  }
  const pieces: Buffer[] = []
  let bytes = 0
  for await (const piece of request as AsyncIterable<Buffer>) {
    bytes += piece.length
    // The rest is read and thrown away, so that the refusal reaches a client that is still sending.
    if (bytes <= longestBodyBytes) pieces.push(piece)
  }
  if (bytes > longestBodyBytes)
    throw new Refusal(413, `expected a body of at most ${longestBodyBytes} bytes, got ${bytes}`)
  return parseUtf8Json(Buffer.concat(pieces))
}

function parseUtf8Json(body: Buffer): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body))
  } catch (error) {
    throw new Refusal(400, `the body is not JSON in UTF-8: ${(error as Error).message}`)
  }
}
