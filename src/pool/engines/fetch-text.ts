/** @file A small GET: status and text, or why there was none. For metrics, health and capabilities, not for answers. */
import type { Pool } from 'undici'
import type { EngineError } from '../../core/index.ts'
import { engineError, errorFromTransport } from './engine-errors.ts'

/** Pages larger than this are not read: bytes. */
const largestPage = 8 * 1024 * 1024

export interface FetchOptions {
  readonly pool: Pool
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly signal: AbortSignal
}

export type Fetched = { readonly status: number; readonly text: string } | { readonly error: EngineError }

/** Never rejects. */
export async function fetchText({ pool, path, headers, signal }: FetchOptions): Promise<Fetched> {
  try {
    const { statusCode, body } = await pool.request({ path, method: 'GET', headers, signal })
    const pieces: Buffer[] = []
    let bytes = 0
    for await (const piece of body) {
      bytes += (piece as Buffer).length
      if (bytes > largestPage) return { error: engineError('ENGINE_BAD_RESPONSE', `${path} is larger than 8 MB`) }
      pieces.push(piece as Buffer)
    }
    return { status: statusCode, text: Buffer.concat(pieces).toString('utf8') }
  } catch (error) {
    if (signal.aborted) return { error: engineError('ENGINE_TIMEOUT', `GET ${path} timed out`) }
    return { error: errorFromTransport(error, { hasFirstByte: false }) }
  }
}

/** The page's text where it came with a 2xx; null otherwise. */
export const textOfPage = (page: Fetched): string | null =>
  'status' in page && page.status >= 200 && page.status < 300 ? page.text : null
