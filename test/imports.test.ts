/** @file Keeps the walls: which wing may import which, that wings are entered by their index, and who may touch the platform. */
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'

const root = resolve(import.meta.dirname, '../src')

const mayImport: Record<string, readonly string[]> = {
  core: [],
  team: ['core'],
  pool: ['core'],
  testing: ['core'],
  policy: ['core', 'team'],
  flow: ['core', 'team', 'pool', 'policy'],
  twin: ['core', 'pool'],
  lab: ['core', 'team', 'pool', 'policy', 'flow', 'twin'],
  serve: ['core', 'team', 'pool', 'policy', 'flow'],
  cli: ['core', 'team', 'pool', 'policy', 'flow', 'twin', 'lab', 'serve', 'testing'],
}

/** Inside these wings the rooms have an order too: a room may import the rooms named. */
const roomMayImport: Record<string, Record<string, readonly string[]>> = {
  policy: {
    embed: [],
    nn: [],
    predict: ['embed', 'nn'],
    observe: ['embed', 'nn', 'predict'],
    planner: ['embed', 'nn', 'predict', 'observe'],
    executor: ['embed', 'nn', 'predict', 'observe'],
    baselines: ['embed', 'nn', 'predict', 'observe', 'planner', 'executor'],
  },
  flow: { trace: [], sandbox: [], scheduler: ['trace', 'sandbox'], runtime: ['trace', 'sandbox', 'scheduler'] },
}

/** Time, chance, sockets and processes appear only here. */
const platformAllowed = [
  'core/clock.ts',
  'core/random.ts',
  'pool/engines/',
  'flow/sandbox/',
  'twin/http/',
  'lab/bench/live',
  'lab/bench/workers/',
  'lab/train/rollouts/',
  'lab/train/learners/actor-critic/slices/',
  'serve/',
  'cli/',
]
const platform =
  /\b(Date\.now|new Date\(|performance\.now|Math\.random|setTimeout|setInterval|setImmediate|crypto\.random|randomUUID|AbortSignal\.(any|timeout))\b|from '(node:(http|https|net|tls|dgram|child_process|worker_threads|timers|timers\/promises|crypto)|undici|fastify)'/

/** The virtual clock drains promise continuations with a platform turn: its one licence. */
const exempt: Record<string, RegExp> = { 'twin/virtual-clock.ts': /\bsetImmediate\b/g }

interface Import {
  readonly from: string
  readonly to: string
}

const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter(
  (file) => file.endsWith('.ts') && !file.endsWith('.test.ts'),
)
const imports: Import[] = files.flatMap((file) =>
  [...readFileSync(join(root, file), 'utf8').matchAll(/(?:from|import)\s*\(?'(\.[^']+)'/g)].map((match) => ({
    from: file,
    to: relative(root, resolve(root, dirname(file), match[1] as string)),
  })),
)
const wingOf = (path: string) => path.split('/')[0] as string
const roomOf = (path: string) => (path.split('/').length > 2 ? (path.split('/')[1] as string) : null)

describe('the import table', () => {
  it('has a row for every wing', () => {
    expect([...new Set(files.map(wingOf))].filter((wing) => !(wing in mayImport))).toEqual([])
  })

  it('is kept between wings, and wings are entered through their index', () => {
    const across = imports.filter(({ from, to }) => wingOf(from) !== wingOf(to))
    const forbidden = across.filter(({ from, to }) => !mayImport[wingOf(from)]?.includes(wingOf(to)))
    const throughWalls = across.filter(
      ({ to }) => !/^[a-z]+\/index\.ts$/.test(to) && !/^(twin|serve|lab)\/[a-z]+\/index\.ts$/.test(to),
    )
    expect({ forbidden, throughWalls }).toEqual({ forbidden: [], throughWalls: [] })
  })

  it('is kept between the rooms of a wing', () => {
    const within = imports.filter(({ from, to }) => wingOf(from) === wingOf(to) && roomOf(from) !== roomOf(to))
    const throughWalls = within.filter(
      ({ from, to }) => roomOf(from) !== null && roomOf(to) !== null && !to.endsWith('/index.ts'),
    )
    const forbidden = within.filter(({ from, to }) => {
      const order = roomMayImport[wingOf(from)]
      const [fromRoom, toRoom] = [roomOf(from), roomOf(to)]
      return order && fromRoom && toRoom && !order[fromRoom]?.includes(toRoom)
    })
    expect({ forbidden, throughWalls }).toEqual({ forbidden: [], throughWalls: [] })
  })

  it('keeps time, chance, sockets and processes in their rooms', () => {
    const offenders = files
      .filter((file) => !platformAllowed.some((room) => file.startsWith(room)))
      .flatMap((file) => {
        const source = readFileSync(join(root, file), 'utf8').replace(exempt[file] ?? /$^/g, '')
        const code = source.replace(/\/\*[\s\S]*?\*\//g, '').replace(/\/\/.*$/gm, '')
        const match = platform.exec(code)
        return match ? [`${file}: ${match[0]}`] : []
      })
    expect(offenders).toEqual([])
  })
})
