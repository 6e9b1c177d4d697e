/**
 * @file A profile as the text of its file. Two spaces a level; what fits stands on one line, so that a table of eighty
 * models stays readable. `paper-b200` keeps the form that it was first shipped in: one line per entry.
 */
import { type Profile, parseProfile } from '../../src/core/index.ts'
import type { DataFolder } from './data-folder.ts'
import { duoPool, paperB200, paperOn, smallPool } from './paper-profiles.ts'
import { scaledPool } from './scaled-pool.ts'

const lineWidth = 160

type Build = (data: DataFolder) => Profile

const builds: Readonly<Record<string, Build>> = {
  'paper-b200': paperB200,
  'paper-h100': (data) => paperOn(data, 'H100'),
  'paper-a100': (data) => paperOn(data, 'A100'),
  small: smallPool,
  duo: duoPool,
  octet: (data) => scaledPool(paperB200(data), { id: 'octet', count: 8 }),
  'pool-20': (data) => scaledPool(paperB200(data), { id: 'pool-20', count: 20 }),
  'pool-80': (data) => scaledPool(paperB200(data), { id: 'pool-80', count: 80 }),
}

export const profileNames: readonly string[] = Object.keys(builds)

/** Text of the file `NAME.json`. Throws ConfigError where the profile would not be accepted. */
export function profileText(data: DataFolder, name: string): string {
  const profile = builds[name]!(data)
  parseProfile(profile, name)
  return name === 'paper-b200' ? `${JSON.stringify(profile, null, 2)}\n` : `${layOut(profile, '')}\n`
}

/** JSON of `value`, on one line where it fits. */
function layOut(value: unknown, indent: string): string {
  const flat = JSON.stringify(value)
  if (typeof value !== 'object' || value === null || flat.length + indent.length <= lineWidth) return flat
  const inner = `${indent}  `
  if (Array.isArray(value)) return `[\n${value.map((item) => inner + layOut(item, inner)).join(',\n')}\n${indent}]`
  const entries = Object.entries(value).map(([key, item]) => `${inner}${JSON.stringify(key)}: ${layOut(item, inner)}`)
  return `{\n${entries.join(',\n')}\n${indent}}`
}
