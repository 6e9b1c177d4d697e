/**
 * @file Scores by a user's own rule: an expected answer, a regular expression, a JSON schema, a command.
 *
 * Thinking is taken out of the reply first. An expected answer is compared as what it is: a number, an option, an
 * expression, a phrase. A rule that cannot be used (a broken schema, a command that does not start) is an `error`, since
 * it says nothing of the reply.
 */
import type { AnswerFormat, CodeRunner, JsonObject } from '../../core/index.ts'
import { extractCode, withoutThinking } from '../../team/index.ts'
import type { AnswerCheck } from '../questions/index.ts'
import { literal } from './python-program.ts'
import { runFairly, whyFailed } from './score-code.ts'
import { scoreComparable, scoreMath, scorePhrase } from './score-short.ts'
import { failed, judged, type Score, type ScoringDeps, unparsed } from './score-types.ts'

interface Judged {
  readonly reply: string
  readonly format: AnswerFormat
}

/** Scores `reply` by `check`. `format`: of the question's answers. */
export function scoreByRule(check: AnswerCheck, { reply, format }: Judged, deps: ScoringDeps): Promise<Score> | Score {
  const said = withoutThinking(reply).trim()
  switch (check.kind) {
    case 'expected':
      return scoreExpected(check.expected, said, format)
    case 'regex':
      return scoreRegex(check.pattern, said)
    case 'json_schema':
      return scoreSchema(check.schema, said)
    case 'command':
      return scoreCommand(check.command, said, deps)
  }
}

function scoreExpected(expected: string, reply: string, format: AnswerFormat): Promise<Score> | Score {
  if (format === 'number' || format === 'choice') return scoreComparable(expected, reply, format)
  return /[\\^=]/.test(expected) ? scoreMath(expected, reply) : scorePhrase(expected, reply)
}

function scoreRegex(pattern: string, said: string): Score {
  if (said === '') return unparsed()
  try {
    return judged(new RegExp(pattern, 'u').test(said), said)
  } catch (error) {
    return failed(`the pattern cannot be used: ${String(error)}`, said)
  }
}

/** The JSON of a reply: the whole of it, or its fenced block. Null: neither is JSON. */
function extractJson(said: string): { readonly value: unknown; readonly text: string } | null {
  for (const text of [said, extractCode(said)]) {
    try {
      if (text !== null) return { value: JSON.parse(text), text }
    } catch {
      // The next one may be.
    }
  }
  return null
}

async function scoreSchema(schema: JsonObject, said: string): Promise<Score> {
  const json = extractJson(said)
  if (json === null) return unparsed('the reply is no JSON')
  const { Ajv2020 } = await import('ajv/dist/2020.js')
  try {
    const validator = new Ajv2020({ strict: false, allErrors: false, validateFormats: false, logger: false })
    // The keywords are those of 2020-12, whatever older draft a schema names: they agree in what answers need.
    const { $schema: _draft, ...rules } = schema
    const isValid = validator.validate(rules, json.value) === true
    return judged(isValid, json.text, isValid ? undefined : validator.errorsText())
  } catch (error) {
    return failed(`the schema cannot be used: ${String(error)}`, json.text)
  }
}

async function scoreCommand(command: readonly string[], said: string, deps: ScoringDeps): Promise<Score> {
  const { runner, runCommand } = deps
  if (runCommand === undefined) {
    return runner === null ? failed('no sandbox: commands are not run', said) : runBoxed(command, said, runner)
  }
  try {
    return judged((await runCommand(command, said)) === 0, said)
  } catch (error) {
    return failed(`the command did not run: ${String(error)}`, said)
  }
}

/** Exit code of the wrapper when the command could not be started. */
const notStarted = 127

/** In the sandbox, by a Python program that starts it: there it sees no file of ours. */
async function runBoxed(command: readonly string[], said: string, runner: CodeRunner): Promise<Score> {
  const source = `import json, subprocess, sys
try:
    done = subprocess.run(json.loads(${literal(JSON.stringify(command))}), input=sys.stdin.buffer.read())
except OSError as problem:
    print(problem, file=sys.stderr)
    sys.exit(${notStarted})
sys.exit(done.returncode if done.returncode >= 0 else 1)
`
  const result = await runFairly(runner, source, said)
  if (result.exitCode === notStarted) return failed(`the command did not run: ${whyFailed(result)}`, said)
  return result.status === 'ok' ? judged(true, said) : judged(false, said, whyFailed(result))
}
