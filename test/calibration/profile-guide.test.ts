/** @file The guide to profiles: its example is a profile, and it explains every field of the form. */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parseProfile } from '../../src/core/index.ts'
import { paperProfile } from '../paper-profile.ts'

const guide = readFileSync(resolve(import.meta.dirname, '../../docs/profiles.md'), 'utf8')

describe('docs/profiles.md', () => {
  it('shows a profile that is accepted', () => {
    const [, example] = /```json\n([\s\S]*?)```/.exec(guide) ?? []
    expect(parseProfile(JSON.parse(example!), 'docs/profiles.md').id).toBe('my-pool')
  })

  it('explains every field', () => {
    const profile = paperProfile()
    const [model] = Object.keys(profile.models)
    const fields = [
      ...Object.keys(profile.models[model!]!).filter((field) => field !== 'step'),
      ...Object.keys(profile.models[model!]!.step.value),
      ...Object.keys(profile.prior.models[model!]!),
      ...Object.keys(profile.truth!),
      ...['gpus', 'apiOverheadMs', 'prefillChunkTokens', 'colocationEta'],
    ]
    const explained = guide.slice(guide.indexOf('## Field by field'))
    expect(fields.filter((field) => !explained.includes(field))).toEqual([])
  })
})
