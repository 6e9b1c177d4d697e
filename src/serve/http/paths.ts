/** @file The paths that exist, and which methods each one takes: what tells 405 from 404. */
import { InframindError } from '../../core/index.ts'

const readPaths = /^\/(v1\/models(\/.+)?|v1\/cluster|v1\/runs\/[^/]+|health|ready|metrics)$/
const workPaths = /^\/v1\/(chat\/completions|completions|embeddings|rerank)$/
/** Plain segments alone: nothing that an engine could read as another path. */
const plainPath = /^\/v1(\/[A-Za-z0-9_-][A-Za-z0-9_.-]*)+$/

export const chatPath = '/v1/chat/completions'

export const pathOf = (url: string): string => url.split('?', 1)[0] as string

/** Value of the `allow` header; null: nothing is known under `path`. */
export function allowedMethods(path: string): 'GET, HEAD' | 'POST' | null {
  if (readPaths.test(path)) return 'GET, HEAD'
  return workPaths.test(path) ? 'POST' : null
}

export const isPlainPath = (path: string): boolean => plainPath.test(path)

export const notFound = (): InframindError => new InframindError('NOT_FOUND', 'There is nothing under this path.')

export const methodNotAllowed = (method: string, allow: string): InframindError =>
  new InframindError('METHOD_NOT_ALLOWED', `${method.slice(0, 20)} is not possible here, but ${allow}.`)
