import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { captureOutput } from '../../../test/captured-output.ts'
import { type Loopback, startLoopback } from '../../../test/loopback-server.ts'
import { runProgram } from '../program.ts'

let folder: string
let listeners: readonly NodeJS.SignalsListener[] = []
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'inframind-collect-'))
  listeners = process.listeners('SIGINT')
})
afterEach(() => {
  rmSync(folder, { recursive: true })
  process.exitCode = 0
  for (const name of ['SIGINT', 'SIGTERM'] as const)
    for (const listener of process.listeners(name))
      if (!listeners.includes(listener)) process.removeListener(name, listener)
})

/** Lists one model, and is healthy; an engine that is never asked for more. */
const lists = (id: string, owner: string) =>
  startLoopback(({ path }, response) => {
    const page = path === '/v1/models' ? { object: 'list', data: [{ id, object: 'model', owned_by: owner }] } : {}
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(page))
  })
let engine: Loopback
let gateway: Loopback
beforeAll(async () => {
  engine = await lists('tiny-3b', 'somebody')
  gateway = await lists('inframind', 'inframind')
})
afterAll(async () => {
  await Promise.all([engine.close(), gateway.close()])
})

/** Nothing listens there. */
const nobody = 'http://127.0.0.1:9'
async function run(...args: readonly string[]) {
  const output = captureOutput()
  const code = await runProgram(['collect', ...args], output)
  return { code, said: output.lines.join('\n'), notes: output.notes.join('\n') }
}
const fileOf = (text: string) => {
  const path = join(folder, 'prompts.txt')
  writeFileSync(path, text)
  return path
}

describe('collect refuses with exit 2', () => {
  it('a pool of which nothing answers', async () => {
    const { code, notes } = await run('--engine', nobody, '--out', join(folder, 'out'))
    expect(code).toBe(2)
    expect(notes).toMatch(/engines\[0\]\.url: expected an engine that answers, got http:\/\/127\.0\.0\.1:9/)
  })

  it('a gateway in the place of an engine', async () => {
    const { code, notes } = await run('--engine', gateway.url, '--plan')
    expect(code).toBe(2)
    expect(notes).toContain('Name the engines behind it')
  })

  it('no pool, and both ways of naming one', async () => {
    expect(await run('--plan')).toMatchObject({ code: 2, notes: expect.stringContaining('neither') })
    expect((await run('--engine', engine.url, '--config', 'x.yaml')).code).toBe(2)
  })

  it('prompts that are none', async () => {
    const { code, notes } = await run('--engine', engine.url, '--prompts', fileOf('\n \n'))
    expect([code, notes]).toEqual([2, expect.stringContaining('at least one prompt')])
    expect((await run('--engine', engine.url, '--prompts', join(folder, 'none'))).code).toBe(2)
  })

  it('a folder that cannot be written', async () => {
    const { code, notes } = await run('--engine', engine.url, '--out', join(fileOf('x'), 'out'))
    expect([code, notes]).toEqual([2, expect.stringContaining('--out')])
  })

  it.each([
    ['--background', '0'],
    ['--background', '1,ten'],
    ['--background', ''],
    ['--minutes', '0'],
    ['--max-agents', '7'],
    ['--max-tokens', '1.5'],
    ['--datasets', 'nothing-known'],
  ])('%s %s', async (flag, value) => {
    expect((await run('--engine', engine.url, '--plan', flag, value)).code).toBe(2)
  })
})

describe('collect --plan', () => {
  it('says how many calls and tokens it will take, and sends none of them', async () => {
    const prompts = fileOf('Tell me about the moon.\nTell me about the sun.')
    const flags = ['--prompts', prompts, '--workflows', '2', '--background', '1,4,4', '--plan']
    const { code, said } = await run('--engine', engine.url, ...flags)
    expect(code).toBe(0)
    // Ordinary chat: one agent, one call each.
    expect(said).toContain('phase 1: 2 workflows, 2 calls, about ')
    expect(said).toContain('phase 2: 2 prompts x 3 strategies x 1 models x 2 levels (1, 4) = 12 calls')
    expect(said).toMatch(/in all: 17 calls, about [\d,]+ tokens; phase 2 takes some .* at the speed of idle engines/)
    const json = JSON.parse((await run('--engine', engine.url, ...flags, '--json')).said)
    expect(json).toMatchObject({ workflowCalls: 2, prompts: 2, cells: 12, backgroundCalls: 3 })
    const asked = engine.requests
      .filter(({ path }) => path === '/v1/chat/completions')
      .map(({ body }) => JSON.parse(body))
    for (const { max_tokens } of asked) expect(max_tokens).toBe(1)
  })

  it('leaves out engines that do not answer, with a word', async () => {
    const { code, notes } = await run('--engine', engine.url, '--engine', nobody, '--plan')
    expect(code).toBe(0)
    expect(notes).toContain(`left out: expected an engine that answers, got ${nobody}`)
  })
})
