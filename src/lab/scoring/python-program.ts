/**
 * @file One Python program from a reply's code and its task's tests, that repeats its input only when all tests passed.
 *
 * Given code, the reply's code and the tests run in one module, each compiled apart, so that a syntax error of one is
 * not blamed on another. The reply's own exit does not pass for success, nor does what it prints (to pass it would have
 * to search our stack frames); its `if __name__ == "__main__"` part does not run. The last line of standard error says
 * what went wrong.
 */
import { extractCode, withoutThinking } from '../../team/index.ts'

const fence = /^[ \t]{0,3}```([^\n`]*)$/gm
const definition = /^(?:@|(?:async )?def |class |import |from \S+ import |[A-Za-z_]\w*\s*(?::[^=\n]+)?=(?!=))/m
/** What a program cannot do without; a block of assignments alone beside it is an example of its use. */
const body = /^(?:@|(?:async )?def |class |import |from \S+ import )/m
const callable = /^(?:(?:async )?def |class )/m
const isPython = (language: string): boolean => /^(?:python|py|python3)?$/i.test(language.trim())

/** The fenced blocks of `text` in Python or in no named language; one cut off counts to the end. */
function pythonBlocks(text: string): readonly string[] {
  const blocks: string[] = []
  let open: { readonly from: number; readonly isPython: boolean } | null = null
  for (const match of text.matchAll(fence)) {
    if (open === null) open = { from: match.index + match[0].length + 1, isPython: isPython(match[1] ?? '') }
    else {
      if (open.isPython) blocks.push(text.slice(open.from, Math.max(open.from, match.index - 1)))
      open = null
    }
  }
  if (open?.isPython) blocks.push(text.slice(open.from))
  return blocks
}

const bareCode = /^(?:def|class|import|from|async def|@)\s?\w/m

/**
 * The program that `reply` gives: its blocks that define something, in order, so that a later definition replaces an
 * earlier one (where one defines a function or class, blocks that only assign are left out as examples); else the longest block; else the reply itself where it is bare code. Null: no code.
 */
export function extractProgram(reply: string): string | null {
  const said = withoutThinking(reply)
  const blocks = pythonBlocks(said)
  const defining = blocks.filter((block) =>
    (blocks.some((other) => callable.test(other)) ? body : definition).test(block),
  )
  const program =
    defining.length > 0 ? defining.join('\n\n') : (extractCode(said) ?? (bareCode.test(said) ? said : null))
  return program === null || program.trim() === '' ? null : program
}

export interface TestedProgram {
  /** Imports and given functions of the task; empty: none. */
  readonly preamble: string
  readonly program: string
  readonly tests: string
}

/** `text` as a Python literal. JSON strings are Python literals; lone surrogates, which Python cannot encode, become question marks. */
export const literal = (text: string): string => JSON.stringify(text.replace(/\p{Surrogate}/gu, '?'))

/** Source of the whole program. Its input is one line that the reply cannot know; it prints that line when all tests have passed. */
export function testedSource({ preamble, program, tests }: TestedProgram): string {
  return `import sys, types
answer = types.ModuleType("answer")
# Dataclasses and pickle look their classes up by module.
sys.modules["answer"] = answer
sys.setrecursionlimit(10000)

def run(name, source):
    exec(compile(source, name, "exec"), answer.__dict__)

def main():
    mark = sys.stdin.readline()
    real_output = sys.stdout
    sys.stdout = open("/dev/null", "w", errors="replace")
    try:
        run("given", ${literal(preamble)})
        run("answer", ${literal(program)})
        run("tests", ${literal(tests)})
    except SystemExit:
        sys.exit("the program ended before its tests")
    real_output.write(mark)
    real_output.flush()

main()
`
}
