/** @file Configs that do not load: every kind of fault with its path and fix, and no secret in a message. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import { ConfigError } from '../../core/index.ts'
import { hashKey, type LoadOptions, loadConfig } from './load-config.ts'

const folder = mkdtempSync(join(tmpdir(), 'inframind-config-'))
afterAll(() => rmSync(folder, { recursive: true }))
const write = (name: string, text: string) => {
  writeFileSync(join(folder, name), text)
  return join(folder, name)
}

const load = (text: string, options: Partial<LoadOptions> = {}) =>
  loadConfig({ text, baseDir: folder }, { env: {}, ...options })

function faults(text: string, options: Partial<LoadOptions> = {}): ConfigError {
  try {
    load(text, options)
  } catch (error) {
    if (error instanceof ConfigError) return error
    throw error
  }
  throw new Error('it loaded')
}
const minimal = 'version: 1\nengines: [{ url: http://a:1, model: m }]\n'

describe('a config that does not load', () => {
  it.each<[string, string, RegExp]>([
    ['an unknown key', `${minimal}polcy: {}`, /polcy: expected a known name.*Did you mean "policy"\?/],
    [
      'an unknown key of an engine',
      'version: 1\nengines: [{ url: http://a:1, modle: m }]',
      /engines\[0\]\.modle.*"model"/,
    ],
    ['an unknown key of a model', `${minimal}models: { fast: { bugdet: 3s } }`, /models\.fast\.bugdet.*"budget"/],
    [
      'a budget without unit',
      `${minimal}models: { fast: { budget: 30 } }`,
      /models\.fast\.budget: expected a duration.*got 30/,
    ],
    [
      'a zero budget',
      `${minimal}models: { fast: { budget: 0s } }`,
      /models\.fast\.budget: expected a duration above 0/,
    ],
    ['a budget of days', `${minimal}models: { fast: { budget: 2d } }`, /models\.fast\.budget: expected at most 24h/],
    ['a size without unit', `${minimal}limits: { body: 4 }`, /limits\.body: expected a size/],
    [
      'too many agents',
      `${minimal}models: { f: { max_agents: 7 } }`,
      /models\.f\.max_agents: expected a whole number from 1 to 6, got 7/,
    ],
    [
      'a wrong word',
      `${minimal}policy: { planner: rulez }`,
      /policy\.planner: expected one of rules, dual, learned, fixed, got "rulez"\. Did you mean "rules"\?/,
    ],
    ['another version', 'version: 2\nengines: [{ url: http://a:1 }]', /version: expected 1, got 2/],
    ['no version', 'engines: [{ url: http://a:1 }]', /version: expected 1, got nothing\. Add it/],
    ['no engines', 'version: 1\nengines: []', /engines: expected at least one engine/],
    [
      'a URL of another kind',
      'version: 1\nengines: [{ url: "ftp://a" }]',
      /engines\[0\]\.url: expected an http or https URL/,
    ],
    [
      'a URL without host',
      'version: 1\nengines: [{ url: "http://" }]',
      /engines\[0\]\.url: expected an http or https URL/,
    ],
    [
      'a factor beyond the grid',
      `${minimal}policy: { safety: 5 }`,
      /policy\.safety: expected a factor from 1 to 3\.3, got 5/,
    ],
    ['records with texts', `${minimal}records: { content: full }`, /records\.content: .*full is not available yet/],
    ['another mode', `${minimal}mode: observe`, /mode: .*not available yet/],
    ['an empty file', '', /\(file\): expected settings by name, got an empty value/],
    ['a list', '- a', /\(file\): expected settings by name, got a list/],
    [
      'the same engine twice',
      'version: 1\nengines: [{ url: http://a:1, model: m }, { url: "http://a:1/v1/", model: m }]',
      /engines\[1\]: .*same url and model as engines\[0\]/,
    ],
    [
      'the same URL without a model',
      'version: 1\nengines: [{ url: http://a:1 }, { url: http://a:1, model: m }]',
      /engines\[1\]: .*engines\[0\]/,
    ],
    [
      'the same name twice',
      'version: 1\nengines: [{ url: http://a:1, name: n }, { url: http://b:1, name: n }]',
      /engines\[1\]\.name: .*name of engines\[0\]/,
    ],
    [
      'a virtual model over an engine',
      `${minimal}models: { m: {} }`,
      /models\.m: expected a name that no engine serves/,
    ],
    [
      'an engine called inframind',
      'version: 1\nengines: [{ url: http://a:1, model: inframind }]',
      /engines\[0\]\.model: expected any other name/,
    ],
    ['a virtual model with @', `${minimal}models: { "a@b": {} }`, /models\.a@b: expected a name without spaces and @/],
    [
      'a fixed executor without a model',
      `${minimal}policy: { executor: fixed }`,
      /policy\.fixed\.model: .*got nothing/,
    ],
    [
      'a learned policy without a file',
      `${minimal}policy: { planner: learned }`,
      /policy\.file: .*got nothing\. Say which/,
    ],
    [
      'a shadow without a file',
      `${minimal}policy: { shadow: { executor: learned } }`,
      /policy\.shadow\.file: .*got nothing/,
    ],
    [
      'a policy file that nothing asks for',
      `${minimal}policy: { executor: mcpp, file: ./mine }`,
      /policy\.file: expected something learned to take from it, got rules and mcpp\. Add/,
    ],
    ['an empty profile', `${minimal}profile: ""`, /profile: expected the name or the path/],
    ['a shadow that cannot look on', `${minimal}policy: { shadow: { planner: fixed } }`, /policy\.shadow\.planner: /],
    ['a factor out of range', `${minimal}models: { a: { auto_factor: 0.5 } }`, /auto_factor: expected a factor from 1/],
    ['a budget that is neither', `${minimal}models: { a: { budget: soon } }`, /budget: expected a duration .*or auto/],
    ['an unknown model for fixed', `${minimal}policy: { fixed: { model: n } }`, /policy\.fixed\.model: .*got "n"/],
    ['a listen without port', `${minimal}listen: localhost`, /listen: expected host:port/],
    ['a listen port beyond range', `${minimal}listen: "localhost:70000"`, /listen: expected host:port/],
    [
      'a public address without keys',
      `${minimal}listen: 0.0.0.0:80`,
      /listen: expected a loopback address.*--insecure/,
    ],
    ['a missing keys file', `${minimal}keys: { file: none.yaml }`, /keys\.file: expected a readable file, got ENOENT/],
    [
      'a missing secret file',
      'version: 1\nengines: [{ url: http://a:1, api_key: "file:none" }]',
      /engines\[0\]\.api_key: expected a readable file/,
    ],
    [
      'an unset variable',
      `version: 1\nengines: [{ url: http://a:1, api_key: $\{NO_KEY} }]`,
      /engines\[0\]\.api_key: expected the environment variable NO_KEY/,
    ],
    [
      'endless aliases',
      `a: &a [x,x,x,x,x,x,x,x,x,x]\nb: &b [${'*a,'.repeat(20)}]\nc: &c [${'*b,'.repeat(20)}]\nd: [${'*c,'.repeat(20)}]`,
      /few YAML aliases/,
    ],
  ])('for %s', (_, text, message) => expect(faults(text).message).toMatch(message))

  it('names unknown topologies where the known ones are told', () => {
    const text = `${minimal}models: { f: { topology: debat } }`
    expect(load(text).virtualModels.get('f')?.limits.topology).toBe('debat')
    expect(faults(text, { topologies: ['io', 'debate'] }).message).toMatch(/models\.f\.topology.*"debate"\?/)
  })

  it('says line and column of bad YAML', () => {
    const { problems } = faults('version: 1\nengines:\n  - { url: http://a:1, model: m\nlisten: x: y\n')
    expect(problems.length).toBeGreaterThan(0)
    for (const { path } of problems) expect(path).toMatch(/^line [45], column \d+$/)
  })

  it('lists every problem at once, with path, expected, got and fix, over all sections', () => {
    const text = `version: 1\nengines: [{ url: http://a:1, name: n }, { url: http://b:1, name: n }]
listen: nowhere\nmodels: { a: { budget: 1 }, "b@c": {} }\nmode: observe\nextra: 1`
    const { problems } = faults(text)
    expect(problems.map(({ path }) => path).sort()).toEqual([
      'engines[1].name',
      'extra',
      'listen',
      'mode',
      'models.a.budget',
    ])
    for (const problem of problems) {
      for (const part of [problem.expected, problem.got, problem.fix]) expect(part).not.toBe('')
    }
  })

  it('never shows a secret, wherever it stands', () => {
    const secret = 'sk-very-secret'
    const texts = [
      `version: 1\nengines: [{ url: \${KEY}, api_key: \${KEY}, slots: \${KEY} }]\nlisten: \${KEY}`,
      `version: 1\nengines: [{ url: http://a:1, api_key: [${secret}], api_kei: ${secret} }]`,
      `version: 1\nengines: [{ url: "ftp://user:${secret}@a" }, { url: "http://user:${secret}@" }]`,
      `version: 1\nengines:\n  - api_key: "${secret}\n  - api_key: ${secret}: ${secret}`,
      `engines: "${secret}`,
      `"${secret}" ${secret}`,
    ]
    for (const text of texts) {
      const message = faults(text, { env: { KEY: secret } }).message
      expect(message, text).not.toContain(secret)
    }
  })

  it('names faults of the keys file by its name', () => {
    write('bad-keys.yaml', `- { id: a, sha256: xyz }\n- { id: b, sha256: ${hashKey('k')}, rate: 3 }`)
    const error = faults(`${minimal}keys: { file: bad-keys.yaml }`)
    expect(error.problems.map(({ path }) => path)).toEqual(['bad-keys.yaml[0].sha256', 'bad-keys.yaml[1].rate'])
    expect(error.message).not.toContain('xyz')
    expect(error.problems[1]?.fix).toContain('rate_per_min')
    write('twice.yaml', `- { id: a, sha256: ${hashKey('k')} }\n- { id: a, sha256: ${hashKey('k')} }`)
    const twice = faults(`${minimal}keys: { file: twice.yaml }`).problems
    expect(twice.map(({ path }) => path)).toEqual(['twice.yaml[1].id', 'twice.yaml[1].sha256'])
    write('broken.yaml', '- { id: a')
    expect(faults(`${minimal}keys: { file: broken.yaml }`).problems[0]?.path).toMatch(/^broken\.yaml line \d+/)
  })

  it('fails with ConfigError only, whatever the text', () => {
    const words = [
      'version: 1',
      'engines:',
      '  - url: http://a:1',
      'models: {a: {}}',
      '- 1',
      'limits: null',
      '&a *a',
      ': ',
      '{',
      '[',
      '\t',
    ]
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.constantFrom(...words), fc.string()), { maxLength: 8 }), (lines) => {
        try {
          load(lines.join('\n'))
        } catch (error) {
          expect(error).toBeInstanceOf(ConfigError)
        }
      }),
    )
  })
})
