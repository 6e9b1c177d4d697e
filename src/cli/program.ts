/** @file The command line: every command with its flags, and what the exit code says. */
import { Command, CommanderError } from 'commander'
import { ConfigError, InframindError } from '../core/index.ts'
import {
  addAdviseCommand,
  addBenchCommand,
  addCalibrateCommand,
  addCheckCommand,
  addCollectCommand,
  addDemoCommand,
  addExplainCommand,
  addInitCommand,
  addReportCommand,
  addServeCommand,
  addTrainCommand,
  addTwinCommand,
} from './commands/index.ts'
import { type Output, packageVersion } from './terminal/index.ts'

function createProgram(output: Output): Command {
  const program = new Command('inframind')
  program
    .description('answers within a latency budget: plans a team, picks model and depth per step from the live pool')
    .version(packageVersion())
    .exitOverride()
    .configureOutput({
      writeOut: (text) => output.raw(text),
      writeErr: (text) => output.note(text.trimEnd()),
    })
  for (const add of [
    addDemoCommand,
    addServeCommand,
    addCheckCommand,
    addInitCommand,
    addTwinCommand,
    addExplainCommand,
    addBenchCommand,
    addReportCommand,
    addAdviseCommand,
    addCollectCommand,
    addCalibrateCommand,
    addTrainCommand,
  ]) {
    add(program, output)
  }
  // Subcommands are made before the override is inherited.
  for (const command of program.commands) command.exitOverride().showSuggestionAfterError()
  return program
}

/** Runs one command line. Resolves to the exit code: 0, 1 (failed), 2 (usage or config). */
export async function runProgram(args: readonly string[], output: Output): Promise<number> {
  try {
    await createProgram(output).parseAsync(args, { from: 'user' })
    return Number(process.exitCode ?? 0)
  } catch (error) {
    return exitCodeOf(error, output)
  }
}

function exitCodeOf(error: unknown, output: Output): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
  if (error instanceof ConfigError) {
    output.note(error.message)
    return 2
  }
  output.note(systemFault(error as NodeJS.ErrnoException))
  return 1
}

/** A sentence for the faults that a user can mend. */
function systemFault(error: NodeJS.ErrnoException & { readonly port?: number }): string {
  if (error.code === 'EADDRINUSE') {
    return `port ${error.port} is taken: another program listens there; choose another with --port, or listen: in the config`
  }
  if (error.code === 'EACCES') return `not allowed: ${error.message}`
  // What was foreseen is told in a sentence; anything else is a fault of ours, and the stack helps to find it.
  return error instanceof InframindError ? error.message : (error.stack ?? String(error))
}
