/**
 * @file Scores of programs (HumanEval, MBPP): right when all tests pass in the sandbox.
 *
 * CPU time is limited, so the verdict does not depend on the machine's load; a program that real time ended is run again
 * alone, with as much real time as its CPU time could need on an idle machine.
 */
import { type CodeResult, type CodeRunner, hashText } from '../../core/index.ts'
import { extractProgram, testedSource } from './python-program.ts'
import { failed, judged, type Score, unparsed } from './score-types.ts'

/** What an answer's program may use. */
export const codeLimits = { cpuMs: 10_000, memoryBytes: 1024 ** 3, outputBytes: 64 * 1024 } as const

export interface CodeTask {
  readonly tests: string | undefined
  readonly preamble: string | undefined
}

/** Runs `source`, and alone once more where only real time ran out. */
export async function runFairly(runner: CodeRunner, source: string, input = ''): Promise<CodeResult> {
  const result = await runner.run({ source, input }, codeLimits)
  return result.reason === 'wall' ? runner.run({ source, input }, { ...codeLimits, isAlone: true }) : result
}

/** Scores the program in `reply` by the tests of its task. */
export async function scoreCode(task: CodeTask, reply: string, runner: CodeRunner | null): Promise<Score> {
  if (task.tests === undefined) return failed('the question has no tests')
  if (runner === null) return failed('no sandbox: programs are not run')
  const program = extractProgram(reply)
  if (program === null) return unparsed('no code in the reply')
  const source = testedSource({ preamble: task.preamble ?? '', program, tests: task.tests })
  // Depends on the program itself: nobody who writes one knows it.
  const mark = `passed ${hashText(source, 1)} ${hashText(source, 2)}`
  const result = await runFairly(runner, source, `${mark}\n`)
  const hasPassed = result.status === 'ok' && result.output.includes(mark)
  return hasPassed ? judged(true, program) : judged(false, program, whyFailed(result))
}

/** In one line: the limit, or the last line of the error. */
export function whyFailed({ status, reason, errorOutput }: CodeResult): string {
  if (status === 'killed') return reason === null ? 'killed' : `killed: ${reason}`
  if (status === 'ok') return 'the program ended before its tests'
  const last = errorOutput.trim().split('\n').at(-1) ?? ''
  return last === '' ? 'failed' : last.slice(0, 200)
}
