/** @file Requests to a gateway in-process as its tests write them, and its errors as they read them. */
import type { InjectedRequest, InjectedResponse } from '../src/serve/index.ts'
import { chat } from './gateway-fakes.ts'

export const post = (path: string, body: unknown, headers: Record<string, string> = {}): InjectedRequest => ({
  method: 'POST',
  path,
  headers,
  body: body as object,
})
export const ask = (fields: object = {}, headers: Record<string, string> = {}) =>
  post('/v1/chat/completions', chat(fields), headers)
export const get = (path: string, headers: Record<string, string> = {}): InjectedRequest => ({
  method: 'GET',
  path,
  headers,
})
export const errorOf = ({ status, body, headers }: InjectedResponse) => ({
  status,
  ...(
    JSON.parse(body) as {
      error: { message: string; param: string | null; code: string | null; inframind_code: string }
    }
  ).error,
  headers,
})
