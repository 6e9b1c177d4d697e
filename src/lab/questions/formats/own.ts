/**
 * @file A user's own set: `{ messages, expected | regex | json_schema | command }` per line.
 *
 * One of the rules judges an answer. `expected` may stand beside another rule: then that rule judges, and the twin, which
 * must be able to answer rightly, answers with `expected`. Without it a question is for live runs only.
 */
import {
  type AnswerFormat,
  type ChatMessage,
  type JsonObject,
  type JsonValue,
  type Random,
  textOf,
} from '../../../core/index.ts'
import { classify } from '../../../policy/index.ts'
import { type DataRecord, fieldError, findField, shown } from '../files/data-record.ts'
import { wrongExpressions } from '../mistakes/wrong-expressions.ts'
import { wrongValues } from '../mistakes/wrong-values.ts'
import type { AnswerCheck } from '../question.ts'
import { textGroup } from '../question-key.ts'
import type { Draft } from './draft.ts'

const roles: readonly string[] = ['system', 'developer', 'user', 'assistant', 'tool', 'function']

export function readOwn(record: DataRecord): Draft {
  const messages = messagesOf(record)
  const text = textOf(messages.findLast(({ role }) => role === 'user') as ChatMessage)
  const expected = expectedOf(record)
  const key = expected ?? ''
  const format = formatOf(text, key)
  return {
    identity: JSON.stringify(messages),
    group: textGroup(text),
    text,
    format,
    key,
    mistakes: expected === null ? () => [] : (random) => mistakesOf(key, { format, text, random }),
    level: null,
    rawDifficulty: null,
    check: checkOf(record, expected),
    ...(messages.length === 1 ? {} : { messages }),
  }
}

const isObject = (value: JsonValue | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function messagesOf(record: DataRecord): readonly ChatMessage[] {
  const value = findField(record, ['messages'])
  const messages = Array.isArray(value) ? (value as readonly JsonValue[]) : []
  const areMessages = messages.every((message) => isObject(message) && roles.includes(String(message['role'])))
  const asked = (messages as readonly ChatMessage[]).findLast((message) => message?.role === 'user')
  if (areMessages && asked !== undefined && textOf(asked).trim() !== '') return messages as readonly ChatMessage[]
  const expected = 'a list of chat messages, at least one from the user'
  throw fieldError(record, { names: ['messages'], expected, got: shown(value) })
}

function expectedOf(record: DataRecord): string | null {
  const value = findField(record, ['expected'])
  if (value === undefined) return null
  const text = typeof value === 'object' ? '' : String(value).trim().replace(/\s+/g, ' ')
  if (text !== '') return text
  throw fieldError(record, { names: ['expected'], expected: 'a text or a number', got: shown(value) })
}

const ruleNames = ['regex', 'json_schema', 'command'] as const

function checkOf(record: DataRecord, expected: string | null): AnswerCheck {
  const given = ruleNames.filter((name) => findField(record, [name]) !== undefined)
  const [name] = given
  if (given.length > 1 || (name === undefined && expected === null)) {
    const got = given.length > 1 ? given.join(' and ') : 'none'
    throw fieldError(record, { names: ['expected', ...ruleNames], expected: 'one rule', got })
  }
  if (name === undefined) return { kind: 'expected', expected: expected as string }
  const value = findField(record, [name])
  const check = name === 'regex' ? regexOf(value) : name === 'command' ? commandOf(value) : schemaOf(value)
  if (check !== null) return check
  throw fieldError(record, { names: [name], expected: expectedRule[name], got: shown(value) })
}

const expectedRule = {
  regex: 'a regular expression',
  json_schema: 'a JSON schema (an object)',
  command: 'a command line, or a list of program and arguments',
} as const

function regexOf(value: JsonValue | undefined): AnswerCheck | null {
  try {
    return typeof value === 'string' && new RegExp(value, 'u') ? { kind: 'regex', pattern: value } : null
  } catch {
    return null
  }
}

function commandOf(value: JsonValue | undefined): AnswerCheck | null {
  if (typeof value === 'string' && value.trim() !== '') return { kind: 'command', command: ['sh', '-c', value] }
  if (!Array.isArray(value) || value.length === 0 || !value.every((word) => typeof word === 'string')) return null
  return { kind: 'command', command: value as readonly string[] }
}

const schemaOf = (value: JsonValue | undefined): AnswerCheck | null =>
  isObject(value) ? { kind: 'json_schema', schema: value } : null

const plainNumber = /^-?(?:\d+|\d{1,3}(?:,\d{3})+)(?:\.\d+)?$/

function formatOf(text: string, key: string): AnswerFormat {
  if (plainNumber.test(key)) return 'number'
  const isLetter = /^[A-J]$/.test(key)
  return isLetter && classify({ messages: [], text }).answerFormat === 'choice' ? 'choice' : 'text'
}

function mistakesOf(
  key: string,
  { format, text, random }: { readonly format: AnswerFormat; readonly text: string; readonly random: Random },
): readonly string[] {
  if (format === 'number') return wrongValues(Number(key.replaceAll(',', '')), { text, random })
  if (format === 'choice') return [...'ABCDEFGHIJ'].filter((letter) => letter !== key)
  return wrongExpressions(key, { problem: text, random })
}
