/** @file A graded question as the policies read it, and the questions of a domain, set by set. */
import type { AnswerFormat, Domain } from '../../../../core/index.ts'
import { classify } from '../../../../policy/index.ts'
import type { Question } from '../../../questions/index.ts'

export interface Asked {
  readonly question: Question
  readonly domain: Domain
  readonly format: AnswerFormat
}

/** Questions that one traffic might bring: of one kind, from one set or from all. */
export interface AskedPool {
  readonly domain: Domain
  readonly format: AnswerFormat
  readonly asked: readonly Asked[]
}

/** Smaller pools tell too little of what arms are worth on them. */
const fewestQuestions = 25

/** `question` as the gateway would classify it. */
export const ask = (question: Question): Asked => {
  const { domain, answerFormat } = classify({ messages: [], text: question.text })
  return { question, domain, format: answerFormat }
}

/** The pools of `questions`: each kind of question in each set by itself and in all sets together. Conversation is left out. */
export function poolsOf(questions: readonly Question[]): readonly AskedPool[] {
  const pools = new Map<string, Asked[]>()
  const put = (key: string, asked: Asked) => pools.set(key, [...(pools.get(key) ?? []), asked])
  for (const asked of questions.map(ask)) {
    if (asked.domain === 'general') continue
    const kind = `${asked.domain}|${asked.format}`
    put(kind, asked)
    put(`${kind}|${asked.question.benchmark}`, asked)
  }
  return [...pools.values()]
    .filter((asked) => asked.length >= fewestQuestions)
    .map((asked) => ({ domain: asked[0]!.domain, format: asked[0]!.format, asked }))
}
