/** @file `calibrate` as a command: from files to a profile that other commands take, and what it says to bad ones. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runProgram } from '../../src/cli/program.ts'
import { parseProfile } from '../../src/core/index.ts'
import { createSyntheticQuestions, syntheticDatasets } from '../../src/lab/questions/index.ts'
import { collectTraffic } from '../calibration/collected-traffic.ts'
import { hide } from '../calibration/hidden-pool.ts'
import { captureOutput } from '../captured-output.ts'
import { paperProfile } from '../paper-profile.ts'

const folder = mkdtempSync(join(tmpdir(), 'calibrate-'))
const out = join(folder, 'mine.json')
const jsonLines = (values: readonly object[]) => values.map((value) => `${JSON.stringify(value)}\n`).join('')

async function run(...args: readonly string[]) {
  const output = captureOutput()
  const code = await runProgram(args, output)
  process.exitCode = 0
  return { code, said: output.lines.join('\n'), notes: output.notes.join('\n') }
}

beforeAll(async () => {
  const questions = syntheticDatasets.flatMap((dataset) => createSyntheticQuestions({ dataset, count: 60, seed: 3 }))
  const { calls, graded } = await collectTraffic({ profile: hide(paperProfile()), questions, seed: 5 }, 16)
  writeFileSync(join(folder, 'calls.jsonl'), jsonLines(calls))
  const lines = graded.map(({ isCorrect, outputTokens, isCut, ...rest }) => ({
    ...rest,
    correct: isCorrect,
    output_tokens: outputTokens,
    cut: isCut,
  }))
  writeFileSync(join(folder, 'graded.jsonl'), jsonLines(lines))
}, 30_000)
afterAll(() => rmSync(folder, { recursive: true }))

describe('calibrate', () => {
  it('writes a profile and prints its error on held-out traffic', async () => {
    const { code, said, notes } = await run('calibrate', '--calls', folder, '--out', out, '--replays', '10')
    expect({ code, notes }).toMatchObject({ code: 0, notes: expect.stringContaining('held-out traffic') })
    expect(said).toContain('mine: 480 calls (closed traffic), 480 graded answers')
    expect(said).toContain('the twin on held-out traffic')
    expect(parseProfile(JSON.parse(readFileSync(out, 'utf8')), out).id).toBe('mine')
  })

  it('gives the same profile again, and its report as JSON', async () => {
    const before = readFileSync(out, 'utf8')
    const { said } = await run('calibrate', '--calls', folder, '--out', out, '--replays', '10', '--json')
    expect(readFileSync(out, 'utf8')).toBe(before)
    const report = JSON.parse(said)
    expect(report).toMatchObject({ profile: 'mine', calls: 480, traffic: 'closed' })
    expect(report.machines).toHaveLength(5)
    expect(report.heldOut[0]).toMatchObject({ model: null, level: null })
  })

  it('makes a profile that can be played', async () => {
    const bench = [
      '--minutes',
      '0.5',
      '--seeds',
      '1',
      '--rates',
      '10',
      '--budgets',
      '100',
      '--methods',
      'greedy',
      '--jobs',
      '1',
    ]
    const played = await run('bench', '--profile', out, ...bench, '--out', join(folder, 'bench'), '--json')
    expect(played.code).toBe(0)
  }, 60_000)

  it.each([
    ['a folder that is not there', ['--calls', '/no/such/folder', '--out', out], 'no such folder'],
    ['an unknown base', ['--calls', folder, '--out', out, '--base', 'papper'], 'Name a shipped profile'],
    ['an unknown model on a GPU', ['--calls', folder, '--out', out, '--gpus', 'a+b'], '--gpus: expected models'],
    ['a folder as its file', ['--calls', folder, '--out', folder], 'Name a file in it.'],
    ['a place that does not exist', ['--calls', folder, '--out', '/no/such/mine.json'], '--out: expected a file'],
  ])('refuses %s with exit code 2', async (_what, args, message) => {
    const { code, notes } = await run('calibrate', ...args)
    expect({ code, notes }).toMatchObject({ code: 2, notes: expect.stringContaining(message) })
  })
})
