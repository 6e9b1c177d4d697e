import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { captureOutput } from '../../test/captured-output.ts'
import { writePolicy } from '../../test/learned-policies.ts'
import { type LoopbackHandler, sendJson, startLoopback } from '../../test/loopback-server.ts'
import { createFileTrace } from '../flow/index.ts'
import { longHash } from '../lab/bench/index.ts'
import { loadProfile } from '../lab/index.ts'
import { aRunRecord, ManualClock } from '../testing/index.ts'
import { runProgram } from './program.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'inframind-cli-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

async function run(...args: readonly string[]) {
  const output = captureOutput()
  const code = await runProgram(args, output)
  return { code, out: output.lines.join('\n'), notes: output.notes.join('\n'), drawn: output.drawn.join('') }
}

describe('the command line', () => {
  it('prints help and version with exit code 0', async () => {
    expect(await run('--help')).toMatchObject({ code: 0, drawn: expect.stringContaining('demo') })
    expect(await run('--version')).toMatchObject({ code: 0, drawn: expect.stringMatching(/^\d+\.\d+\.\d+/) })
    for (const command of ['demo', 'serve', 'check', 'init', 'twin', 'explain']) {
      expect(await run(command, '--help'), command).toMatchObject({ code: 0 })
    }
  })

  it.each([
    [['demoo'], /demo/],
    [['demo', '--prot', '1'], /--port/],
    [['demo', '--port', 'x'], /whole number/],
    [['demo', '--port', '70000'], /65535/],
    [['demo', '--rate', '-1'], /0\.1/],
    [['demo', '--budgets', '10,zero'], /10,30,60/],
    [['demo', '--time-scale', '0'], /0\.1/],
    [['demo', '--profile', 'paper-b20'], /paper-b200/],
    [['serve'], /--engine/],
    [['serve', '--engine', 'http://127.0.0.1:1', '--config', 'x.yaml'], /both/],
    [['serve', '--config', '/nowhere/x.yaml'], /readable/],
    [['serve', '--engine', 'ftp://x'], /http/],
    [['serve', '--engine', 'http://127.0.0.1:1', '--listen', 'x'], /host:port/],
    [['serve', '--engine', 'http://127.0.0.1:1', '--listen', '0.0.0.0:0'], /--insecure/],
    [['check', '--engine', 'http://127.0.0.1:1', '--listen', '127.0.0.1:0'], /--listen/],
    [['explain'], /run/],
  ])('answers %j with exit code 2 and says what to do', async (args, says) => {
    const { code, notes } = await run(...(args as string[]))
    expect(notes).toMatch(says as RegExp)
    expect(code).toBe(2)
  })
})

describe('init', () => {
  it('writes an example that loads, and overwrites nothing unasked', async () => {
    const file = join(folder, 'inframind.yaml')
    expect(await run('init', file)).toMatchObject({ code: 0 })
    const written = readFileSync(file, 'utf8')
    writeFileSync(file, 'mine')
    expect(await run('init', file)).toMatchObject({ code: 2, notes: expect.stringContaining('--force') })
    expect(readFileSync(file, 'utf8')).toBe('mine')
    expect(await run('init', file, '--force')).toMatchObject({ code: 0 })
    expect(readFileSync(file, 'utf8')).toBe(written)
  })
})

describe('check', () => {
  it('fails for an engine that is not there, and says why', async () => {
    const checked = await run('check', '--engine', 'http://127.0.0.1:1')
    expect(checked).toMatchObject({ code: 1, out: expect.stringMatching(/^FAIL .*refused/) })
    process.exitCode = 0
    const json = await run('check', '--json', '--engine', 'http://127.0.0.1:1')
    expect(JSON.parse(json.out)).toMatchObject({ engines: [{ isUsable: false, url: 'http://127.0.0.1:1' }] })
    process.exitCode = 0
  })

  /** A server that lists these models, and has vLLM's metrics where it is to pass for one. */
  const engine =
    (models: readonly object[], metrics?: string): LoopbackHandler =>
    ({ path }, response) => {
      if (path === '/v1/models') return sendJson(response, { data: models })
      if (path === '/metrics' && metrics !== undefined) return void response.end(metrics)
      sendJson(response, {}, { status: path === '/health' ? 200 : 404 })
    }
  const checkOf = async (handler: LoopbackHandler) => {
    const server = await startLoopback(handler)
    try {
      return (await run('check', '--engine', server.url)).out
    } finally {
      await server.close()
    }
  }

  it('says what to do about slots that are not published, and keeps them out of the missing metrics', async () => {
    const vllm = await checkOf(engine([{ id: 'm', owned_by: 'vllm' }], 'vllm:num_requests_running 0\n'))
    expect(vllm).toContain('set slots in the config (vLLM does not publish it); 16 assumed')
    expect(vllm).toMatch(/metrics missing: (?!.*slots).*own counts are used/)
    const other = await checkOf(engine([{ id: 'm' }]))
    expect(other).toContain('set slots in the config (the engine does not publish it); 16 assumed')
    expect(other).not.toContain('gateway')
  })

  it('knows a gateway from an engine', async () => {
    const gateway = await checkOf(engine([{ id: 'inframind', owned_by: 'inframind' }]))
    expect(gateway).toContain('this is an INFRAMIND gateway: name the engines behind it')
    expect(gateway).not.toMatch(/set slots|metrics missing/)
  })
})

describe('explain', () => {
  it('fails with exit code 1 where nobody knows the run', async () => {
    const unknown = await run('explain', 'last', '--url', 'http://127.0.0.1:1', '--records', '/nowhere')
    expect(unknown).toMatchObject({ code: 1, notes: expect.stringMatching(/no run last .*--records/) })
  })

  it('speaks from the records on disk where no gateway answers', async () => {
    const trace = createFileTrace({ directory: folder, keepMs: 1e9, clock: new ManualClock() })
    trace.write(aRunRecord({ runId: 'run_a' }))
    trace.write(aRunRecord({ runId: 'run_b' }))
    trace.close()
    const where = ['--url', 'http://127.0.0.1:1', '--records', folder]
    const last = await run('explain', 'last', ...where)
    expect(last.code).toBe(0)
    expect(last.out).toContain('run_b')
    expect((await run('explain', 'run_a', ...where)).out).toContain('run_a')
    expect(JSON.parse((await run('explain', 'run_a', '--json', ...where)).out)).toMatchObject({ runId: 'run_a' })
  })
})

describe('check and the policy of a config', () => {
  const checked = async (policy: string, ...flags: readonly string[]) => {
    const file = join(folder, 'policy.yaml')
    writeFileSync(file, `version: 1\nengines: [{ url: "http://127.0.0.1:1", model: m }]\npolicy: ${policy}\n`)
    return await run('check', '--config', file, ...flags)
  }

  it('says who decides, what it is and what it was trained on', async () => {
    writePolicy(join(folder, 'mine'))
    const { out } = await checked('{ planner: learned, file: ./mine, shadow: { planner: dual } }')
    expect(out).toMatch(
      /^ok {4}policy: learned and slack-greedy \(inframind-[0-9a-f]{8}\); dual and slack-greedy look on$/m,
    )
    expect(out).toMatch(/mine: learned by residual, [0-9a-f]{12}; trained on profile paper-b200, epochs 3$/m)
    expect(out).toMatch(/dual: learned by dual, [0-9a-f]{8}; trained on source \d+ teams/m)
    expect((await checked('{}')).out).toMatch(/^ok {4}policy: rules and slack-greedy, training-free \(inframind-/m)
  })

  it('warns where a policy was trained for another profile than is served, by flag or by config', async () => {
    const profileHash = longHash(JSON.stringify(loadProfile('small')))
    writePolicy(join(folder, 'for-small'), { header: { profileHash, trainedOn: { profiles: ['small'] } } })
    const policy = '{ planner: learned, file: ./for-small }'
    const warning = /for-small was trained for another profile \(small\), not for paper-b200/
    expect((await checked(policy)).out).toMatch(warning)
    expect((await checked(`${policy}\nprofile: small`)).out).not.toMatch(/another profile/)
    expect((await checked(policy, '--profile', 'small')).out).not.toMatch(/another profile/)
    expect((await checked(`${policy}\nprofile: small`, '--profile', 'paper-b200')).out).toMatch(warning)
  })

  it('says why one cannot be used, with exit code 1', async () => {
    writePolicy(join(folder, 'torn'))
    writeFileSync(join(folder, 'torn/policy.safetensors'), 'not what it was')
    const { out, code } = await checked('{ planner: learned, file: ./torn }')
    expect(out).toMatch(/^FAIL {2}policy: learned and slack-greedy cannot be used$/m)
    expect(out).toContain('weightsSha256')
    expect(code).toBe(1)
  })

  it('ends serve before it listens where the config is strict', async () => {
    const file = join(folder, 'strict.yaml')
    const policy = '{ planner: learned, file: ./nowhere, strict: true }'
    writeFileSync(file, `version: 1\nengines: [{ url: "http://127.0.0.1:1", model: m }]\npolicy: ${policy}\n`)
    const { code, notes } = await run('serve', '--config', file)
    expect([code, notes]).toEqual([2, expect.stringMatching(/nowhere/)])
  })
})
