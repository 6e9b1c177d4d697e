/**
 * @file The examples run, and the README tells the truth about them.
 *
 * Each example is a process of its own against a demo gateway in another process, as a user would run it. Needs `dist/`,
 * which `npm test` builds beforehand.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { loadConfig } from '../src/serve/index.ts'
import { createTopologyBook } from '../src/team/index.ts'

const root = resolve(import.meta.dirname, '..')
const mainFile = join(root, 'dist/cli/main.js')
const read = (file: string) => readFileSync(join(root, file), 'utf8')
const run = promisify(execFile)
const runExample = (file: string, url = '') =>
  run(process.execPath, [join(root, 'examples', file)], { cwd: root, env: { ...process.env, INFRAMIND_URL: url } })

/** Contents of the README's fenced blocks in `language`. */
const blocks = (language: string) =>
  [...read('README.md').matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)]
    .filter(([, found]) => found === language)
    .map(([, , text]) => text as string)

interface Demo {
  readonly url: string
  /** The requests that it proposes. */
  readonly curlLines: readonly string[]
  readonly process: ChildProcess
}

/** Starts the demo; resolves once it has said that it is ready and what to try. */
async function startDemo(): Promise<Demo> {
  if (!existsSync(mainFile)) throw new Error('dist/ is missing: run `npm test`, or `npm run build` before')
  const demo = spawn(process.execPath, [mainFile, 'demo', '--port', '0', '--time-scale', '10'], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const printed: string[] = []
  demo.stdout.setEncoding('utf8')
  for await (const chunk of demo.stdout.iterator({ destroyOnReturn: false })) {
    printed.push(chunk)
    const text = printed.join('')
    const url = /^inframind ready on (http:\S+)$/m.exec(text)?.[1]
    const curlLines = text.match(/^curl .*(?=\n)/gm) ?? []
    if (url === undefined || curlLines.length < 2) continue
    demo.stdout.resume()
    return { url, curlLines, process: demo }
  }
  throw new Error(`the demo ended before it was ready: ${printed.join('')}`)
}

describe('the examples', () => {
  let demo: Demo

  beforeAll(async () => {
    demo = await startDemo()
  })

  afterAll(async () => {
    if (demo.process.exitCode !== null) return
    demo.process.kill('SIGTERM')
    await once(demo.process, 'exit')
  })

  it('ask-with-budget.mjs: both budgets are answered by simulated models, with the steps told', async () => {
    const { stdout } = await runExample('ask-with-budget.mjs', demo.url)
    // Two seconds are little for a machine that stands still now and then: it may be late, or the answer cut short.
    expect(stdout).toMatch(/^2 s: [a-z-]+, \d+ ms, (on time|late)$/m)
    expect(stdout).toMatch(/^60 s: [a-z-]+, \d+ ms, on time$/m)
    expect(stdout.match(/\((done|aborted|stopped|cut)\)$/gm)?.length).toBeGreaterThanOrEqual(2)
    expect(stdout.match(/^ {2}The answer is \S+$/gm)?.length).toBeGreaterThanOrEqual(1)
  })

  it('virtual-time.mjs: prints what the README says', async () => {
    const { stdout } = await runExample('virtual-time.mjs')
    expect(read('README.md')).toContain(`\`${stdout.trim()}\``)
  })

  it('inframind.yaml: loads', () => {
    const path = join(root, 'examples/inframind.yaml')
    const config = loadConfig({ path }, { env: {}, topologies: createTopologyBook().ids })
    expect(config.engines.map(({ model }) => model)).toEqual(['qwen-32b', 'qwen-32b', 'llama-8b'])
    expect([...config.virtualModels.keys()]).toEqual(['inframind', 'quick', 'proof'])
  })

  it('each has a test here', () => {
    const names = readdirSync(join(root, 'examples')).sort()
    expect(names).toEqual(['ask-with-budget.mjs', 'inframind.yaml', 'stream-steps.mjs', 'virtual-time.mjs'])
  })

  it("the README's curl lines are those that the demo prints, question shortened", () => {
    const shown = read('README.md').match(/^curl .*$/gm) ?? []
    expect(shown).toHaveLength(2)
    const shorten = (line: string) =>
      line.replace(demo.url, 'http://127.0.0.1:8080').replace(/(bicycle, ).*?"/, '$1..."')
    expect(shown).toEqual(demo.curlLines.map(shorten))
  })

  it("the README's client program answers", async () => {
    const program = blocks('js').find((text) => text.includes("from 'openai'")) ?? ''
    const here = program.replace('http://127.0.0.1:8080', demo.url)
    const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', here], { cwd: root })
    expect(stdout).toMatch(/ [a-z-]+ \d+(\.\d+)?\n$/)
  })

  it('stream-steps.mjs: the plan, every step and the end on standard error, the answer on standard output', async () => {
    const { stdout, stderr } = await runExample('stream-steps.mjs', demo.url)
    expect(stderr).toMatch(/^planned: [a-z-]+, \d+ steps$/m)
    expect(stderr).toMatch(/^\d+ ms step-started: \w+, \S+$/m)
    expect(stderr).toMatch(/^\d+ ms step-finished: \w+, \S+$/m)
    expect(stderr).toMatch(/^done after \d+ of 30000 ms$/m)
    expect(stdout).toMatch(/The answer is \S+\n$/)
  })

  it('the README names commands and scripts that exist', async () => {
    const { stdout: help } = await run(process.execPath, [mainFile, '--help'])
    const commands = [...read('README.md').matchAll(/node dist\/cli\/main\.js (\w+)/g)].map(([, name]) => name)
    expect(commands).toContain('explain')
    for (const command of commands) expect(help).toMatch(new RegExp(`^ {2}${command} `, 'm'))
    const { scripts } = JSON.parse(read('package.json')) as { readonly scripts: object }
    const named = [...read('README.md').matchAll(/\bnpm (?:run (\w+)|(start|test)\b)/g)].map(([, a, b]) => a ?? b)
    expect(named).toContain('build')
    expect(Object.keys(scripts)).toEqual(expect.arrayContaining(named))
  })

  it('every export of the package is there', () => {
    const { exports } = JSON.parse(read('package.json'))
    const files = Object.values(exports).flatMap((entry) =>
      typeof entry === 'string' ? [entry] : Object.values(entry as Record<string, string>),
    )
    expect(files.length).toBeGreaterThan(0)
    expect(files.filter((file) => !existsSync(join(root, file)))).toEqual([])
  })
})
