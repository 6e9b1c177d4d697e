#!/usr/bin/env node
/** @file The `inframind` command. */
import { runProgram } from './program.ts'
import { createProcessOutput } from './terminal/index.ts'

process.exit(await runProgram(process.argv.slice(2), createProcessOutput()))
