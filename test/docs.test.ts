/** @file What the documents mirror of the code is held against it: links, sizes, error codes, config keys, metrics. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { errorKinds } from '../src/core/index.ts'
import { configJsonSchema } from '../src/serve/index.ts'
import { builtInTopologies } from '../src/team/index.ts'
import { aGateway } from './gateway-fakes.ts'

const root = resolve(import.meta.dirname, '..')
const read = (file: string) => readFileSync(join(root, file), 'utf8')
const lines = (file: string) => read(file).trimEnd().split('\n').length
const decisions = readdirSync(join(root, 'docs/decisions')).map((file) => `docs/decisions/${file}`)
const pages = [
  ...['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md'],
  ...readdirSync(join(root, 'docs'))
    .filter((file) => file.endsWith('.md'))
    .map((file) => `docs/${file}`),
  ...decisions,
]

describe('the documents', () => {
  it.each(pages)('%s: relative links lead to files', (page) => {
    const targets = [...read(page).matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)].map(([, target]) => target as string)
    const broken = targets
      .filter((target) => !/^[a-z]+:/.test(target))
      .filter((target) => !existsSync(resolve(root, dirname(page), target)))
    expect(broken).toEqual([])
  })

  it.each(pages)('%s: source files that it names exist', (page) => {
    const named = [...read(page).matchAll(/`((?:src|test|tools|examples|docs)\/[\w./-]+)`/g)].map(
      ([, file]) => file as string,
    )
    expect(named.filter((file) => !existsSync(join(root, file)))).toEqual([])
  })

  it('keep to their sizes', () => {
    expect(lines('README.md')).toBeLessThanOrEqual(150)
    expect(lines('CONTRIBUTING.md')).toBeLessThanOrEqual(80)
    expect(decisions.filter((page) => lines(page) > 25)).toEqual([])
  })

  it('http.md has the error table of core', () => {
    const rows = Object.entries(errorKinds).map(([code, { status, openaiCode, isRetryable }]) => {
      const word = openaiCode === null ? '-' : `\`${openaiCode}\``
      return `| \`${code}\` | ${status} | ${word} | ${isRetryable ? 'yes' : 'no'} |`
    })
    const found = read('docs/http.md').match(/^\| `[A-Z_]+` \| \d+ .*$/gm)
    expect(found).toEqual(rows)
  })

  it('http.md names every topology', () => {
    const row = read('docs/http.md').match(/^\| `topology` \|.*$/m)?.[0] ?? ''
    expect([...row.matchAll(/`([a-z-]+)`/g)].slice(1).map(([, id]) => id)).toEqual(
      builtInTopologies.map(({ id }) => id),
    )
  })

  it('configuration.md names every key of the schema', () => {
    const text = read('docs/configuration.md')
    const missing = keysOf(configJsonSchema()).filter(
      (key) => !new RegExp(`\`[^\`\n]*\\b${key}\\b[^\`\n]*\``).test(text),
    )
    expect(missing).toEqual([])
  })

  it('metrics.md lists exactly what /metrics exports, with its type', async () => {
    const { gateway } = await aGateway()
    const { body } = await gateway.inject({ method: 'GET', path: '/metrics' })
    await gateway.close({ drainMs: 0 })
    const exported = [...body.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name, type]) => `${name} ${type}`)
    const listed = [...read('docs/metrics.md').matchAll(/^\| `(inframind_\w+)` \| (\w+) \|/gm)].map(
      ([, name, type]) => `${name} ${type}`,
    )
    expect(listed.sort()).toEqual(exported.sort())
  })
})

/** Names of all properties of a JSON schema, at any depth. */
function keysOf(schema: unknown): readonly string[] {
  if (typeof schema !== 'object' || schema === null) return []
  const own = 'properties' in schema ? Object.keys(schema.properties as object) : []
  return [...own, ...Object.values(schema).flatMap(keysOf)]
}
