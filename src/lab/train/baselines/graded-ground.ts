/** @file What the learned baselines learn from: the graded training questions of our own learners, and the twin's answers. */
import { ConfigError, type Domain, type Profile } from '../../../core/index.ts'
import { createAnswerModel } from '../../../twin/index.ts'
import { pickGraded } from '../../knowledge/index.ts'
import { requireTruth } from '../../profile-file.ts'
import type { Question } from '../../questions/index.ts'
import { type Asked, ask } from '../learners/dual/asked-question.ts'
import type { PlayGround } from '../learners/dual/play-team.ts'

/** At most 500 of `sets`, an equal share of each. Throws ConfigError where no team may answer any. */
export function gradedOf(sets: readonly (readonly Question[])[], seed: number): readonly Question[] {
  const graded = pickGraded(sets, [], seed).own
  if (graded.some((question) => ask(question).domain !== 'general')) return graded
  const got = `${graded.length} questions, all of them read as conversation`
  const fix = 'Name sets with --datasets that ask for numbers, choices or programs; --data says where they lie.'
  throw new ConfigError([{ path: 'questions', expected: 'questions that teams may answer', got, fix }])
}

/** Conversation is left out: one agent answers it. */
export function askedByDomain(questions: readonly Question[]): ReadonlyMap<Domain, readonly Asked[]> {
  const byDomain = new Map<Domain, Asked[]>()
  for (const asked of questions.map(ask)) {
    if (asked.domain === 'general') continue
    byDomain.set(asked.domain, [...(byDomain.get(asked.domain) ?? []), asked])
  }
  return byDomain
}

/** An idle pool; `seed`: of the answers' luck. */
export const groundOf = (profile: Profile, questions: readonly Question[], seed: number): PlayGround => ({
  answers: createAnswerModel({ truth: requireTruth(profile), questions, seed, text: 'compact' }),
  prior: profile.prior,
})
