/** @file Loading configs: the documented file, defaults, paths and secrets. What does not load: refused-config.test.ts. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { exampleConfig } from './example-config.ts'
import { configFromEngines, hashKey, type LoadOptions, loadConfig } from './load-config.ts'

const folder = mkdtempSync(join(tmpdir(), 'inframind-config-'))
afterAll(() => rmSync(folder, { recursive: true }))
const write = (name: string, text: string) => {
  writeFileSync(join(folder, name), text)
  return join(folder, name)
}

const load = (text: string, options: Partial<LoadOptions> = {}) =>
  loadConfig({ text, baseDir: folder }, { env: {}, ...options })

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
    const { listen, policy, keys, gateways, profile, mode, virtualModels } = load(minimal)
    expect({ listen, keys, gateways, profile, mode }).toEqual({
      listen: { host: '127.0.0.1', port: 8080 },
      keys: null,
      gateways: 1,
      profile: null,
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

  it.each([
    ['./mine.json', join(folder, 'mine.json')],
    ['mine.json', join(folder, 'mine.json')],
    ['small', 'small'],
    ['renamed:small', 'renamed:small'],
  ])('takes the profile %s for a path beside the config or for a name', (text, profile) => {
    expect(load(`${minimal}profile: "${text}"`).profile).toBe(profile)
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
    expect(() => load(minimal, { listen: '0.0.0.0:9' })).toThrow(/listen: expected a loopback address.*--insecure/)
    expect(load(minimal, { listen: '0.0.0.0:9', isInsecure: true }).listen.host).toBe('0.0.0.0')
    expect(() => load(minimal, { listen: 'localhost' })).toThrow(/listen: expected host:port, got "localhost"/)
    expect(configFromEngines(['http://a:1'], { listen: ':9', isInsecure: true }).listen.port).toBe(9)
  })
})
