#!/usr/bin/env node
/** @file The `inframind` command. */
import { runProgram } from './program.ts'
import { createProcessOutput, whenWritten } from './terminal/index.ts'

const exitCode = await runProgram(process.argv.slice(2), createProcessOutput())
await Promise.all([whenWritten(process.stdout), whenWritten(process.stderr)])
process.exit(exitCode)
