/** @file The shipped profile of the paper's pool, for tests. */
import data from '../profiles/paper-b200.json' with { type: 'json' }
import { type Profile, type ProfileTruth, parseProfile } from '../src/core/index.ts'

export const paperProfile = (): Profile => parseProfile(data, 'profiles/paper-b200.json')

/** Its truth, which only tests of the twin and of what is made for it may read. */
export function paperTruth(): ProfileTruth {
  const { truth } = paperProfile()
  if (!truth) throw new Error('the shipped profile must hold a truth')
  return truth
}
