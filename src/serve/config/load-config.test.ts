/** @file Loading configs: the documented file, every kind of fault with its path and fix, and no secret in a message. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import { ConfigError } from '../../core/index.ts'
import { exampleConfig } from './example-config.ts'
import { configFromEngines, hashKey, type LoadOptions, loadConfig } from './load-config.ts'
import { configJsonSchema } from './schema.ts'

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

const documented = `
version: 1
listen: 127.0.0.1:8080            # a comment
engines:
  - { url: http://gpu1:8001, model: qwen-32b, tier: large }
  - { url: http://gpu2:8001/, model: qwen-32b }
  - { url: http://gpu3:8002, model: llama-8b, tier: small, slots: 16, api_key: \${LLAMA_KEY}, extra_body: { flash: { reasoning_effort: low } } }
models:
  inframind: { budget: 30s, max_agents: 4, on_deadline: best-effort }
  fast: { budget: 500ms, topology: io, strategy: flash, max_calls: 3 }
policy: { planner: rules, executor: slack-greedy, discipline: edf-demote }
mode: orchestrate
keys: { file: keys.yaml }
limits: { waiting: 10000, body: 4MB }
records: { dir: ./runs, content: metadata, keep: 7d }
gateways: 1
`
write(
  'keys.yaml',
  `- { id: team-a, sha256: ${hashKey('key-a').toUpperCase()}, rate_per_min: 60, concurrency: 4, max_budget: 60s, models: [fast] }\n- { id: team-b, sha256: ${hashKey('key-b')}, max_calls: 5 }\n`,
)

describe('a config that loads', () => {
  const config = load(documented, { env: { LLAMA_KEY: 'sk: #"secret' } })

  it('reads every field of the documented file, in milliseconds and bytes', () => {
    expect(config.listen).toEqual({ host: '127.0.0.1', port: 8080 })
    expect(config.engines.map(({ url, model }) => [url, model])).toEqual([
      ['http://gpu1:8001', 'qwen-32b'],
      ['http://gpu2:8001', 'qwen-32b'],
      ['http://gpu3:8002', 'llama-8b'],
    ])
    expect(config.engines[2]).toMatchObject({ slots: 16, tier: 'small', contextTokens: null, dialect: null })
    expect(config.engines[2]?.extraBody).toEqual({ Flash: { reasoning_effort: 'low' } })
    expect(config.virtualModels.get('inframind')).toEqual({
      budgetMs: 30_000,
      domain: null,
      limits: { maxAgents: 4, onDeadline: 'best-effort' },
    })
    expect(config.virtualModels.get('fast')).toEqual({
      budgetMs: 500,
      domain: null,
      limits: { topology: 'io', strategy: 'Flash', maxCalls: 3 },
    })
    expect(config.limits).toEqual({ waiting: 10_000, bodyBytes: 4 * 1024 ** 2, connections: null })
    expect(config.records).toEqual({ dir: join(folder, 'runs'), content: 'metadata', keepMs: 7 * 86_400_000 })
  })

  it('takes secrets from the environment as they are, without parsing them as YAML', () => {
    expect(config.engines[2]?.apiKey).toBe('sk: #"secret')
  })

  it('reads the keys file beside it, digests in lower case', () => {
    expect(config.keys).toEqual([
      {
        id: 'team-a',
        sha256: hashKey('key-a'),
        ratePerMinute: 60,
        concurrency: 4,
        maxBudgetMs: 60_000,
        models: ['fast'],
        maxCalls: null,
        maxTotalTokens: null,
      },
      expect.objectContaining({ id: 'team-b', maxCalls: 5, ratePerMinute: null, models: null }),
    ])
  })

  it('fills in defaults', () => {
    const { listen, policy, keys, gateways, mode, virtualModels } = load(minimal)
    expect({ listen, keys, gateways, mode }).toEqual({
      listen: { host: '127.0.0.1', port: 8080 },
      keys: null,
      gateways: 1,
      mode: 'orchestrate',
    })
    expect(policy).toEqual({
      planner: 'rules',
      executor: 'slack-greedy',
      discipline: 'edf-demote',
      safety: null,
      fixed: {},
      file: null,
      isStrict: false,
      shadow: null,
    })
    expect([...virtualModels.keys()]).toEqual(['inframind'])
  })

  it('reads a budget of auto with its factor', () => {
    const { virtualModels } = load(`${minimal}models: { a: { budget: auto, auto_factor: 2 }, b: { budget: 5s } }`)
    expect(virtualModels.get('a')).toMatchObject({ budgetMs: 'auto', autoFactor: 2 })
    expect(virtualModels.get('b')).not.toHaveProperty('autoFactor')
  })

  it('takes a policy with a slash for a path beside the config, and without for a name', () => {
    const shadow = 'shadow: { planner: learned, file: ./mine }'
    const { policy } = load(`${minimal}policy: { planner: learned, file: residual, strict: true, ${shadow} }`)
    expect(policy).toMatchObject({ planner: 'learned', executor: 'slack-greedy', file: 'residual', isStrict: true })
    expect(policy.shadow).toEqual({ planner: 'learned', executor: 'slack-greedy', file: join(folder, 'mine') })
    expect(load(`${minimal}policy: { executor: learned, file: /opt/p }`).policy.file).toBe('/opt/p')
    expect(load(`${minimal}policy: { planner: dual }`).policy).toMatchObject({ planner: 'dual', file: null })
  })

  it('reads a secret from a file beside the config', () => {
    write('engine.key', 'from-file\n')
    const path = write('a.yaml', 'version: 1\nengines: [{ url: http://a:1, api_key: "file:engine.key" }]')
    expect(loadConfig({ path }, { env: {} }).engines[0]?.apiKey).toBe('from-file')
  })

  it('is made from URLs alone, which are taken as they stand', () => {
    const { engines } = configFromEngines(['http://a:1/v1', 'https://b/$' + '{x}'])
    expect(engines.map(({ url, model }) => [url, model])).toEqual([
      ['http://a:1/v1', null],
      ['https://b/$' + '{x}', null],
    ])
    expect(() => configFromEngines([])).toThrow('at least one engine')
    expect(() => configFromEngines(['gpu1'])).toThrow(/engines\[0\]\.url: expected an http or https URL/)
  })

  it('is the example that init writes', () => {
    expect(load(exampleConfig()).virtualModels.get('fast')?.budgetMs).toBe(5000)
  })

  it('opens a public address with keys, or when told to', () => {
    expect(load(`${minimal}listen: 0.0.0.0:80\nkeys: { file: keys.yaml }`).listen.host).toBe('0.0.0.0')
    expect(load(`${minimal}listen: ":80"`, { isInsecure: true }).listen).toEqual({ host: '0.0.0.0', port: 80 })
    expect(load(`${minimal}listen: "[::1]:80"`).listen).toEqual({ host: '::1', port: 80 })
  })

  it('listens where it is told instead, under the same rule', () => {
    expect(load(minimal, { listen: '127.0.0.1:9' }).listen).toEqual({ host: '127.0.0.1', port: 9 })
    expect(load(`${minimal}listen: 0.0.0.0:80`, { listen: '[::1]:9' }).listen).toEqual({ host: '::1', port: 9 })
    expect(faults(minimal, { listen: '0.0.0.0:9' }).message).toMatch(/listen: expected a loopback address.*--insecure/)
    expect(load(minimal, { listen: '0.0.0.0:9', isInsecure: true }).listen.host).toBe('0.0.0.0')
    expect(faults(minimal, { listen: 'localhost' }).message).toMatch(/listen: expected host:port, got "localhost"/)
    expect(configFromEngines(['http://a:1'], { listen: ':9', isInsecure: true }).listen.port).toBe(9)
  })
})

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

describe('the JSON schema', () => {
  it('says what stands in the file, and allows nothing else', () => {
    const schema = configJsonSchema() as {
      properties: Record<string, unknown>
      required: string[]
      additionalProperties: boolean
    }
    expect(Object.keys(schema.properties)).toEqual([
      'version',
      'listen',
      'engines',
      'models',
      'policy',
      'mode',
      'keys',
      'limits',
      'records',
      'gateways',
    ])
    expect(schema.required).toEqual(['version', 'engines'])
    expect(schema.additionalProperties).toBe(false)
  })
})
