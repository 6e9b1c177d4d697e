/** @file `inframind init`: writes a commented config file to start from. */
import { writeFileSync } from 'node:fs'
import type { Command } from 'commander'
import { ConfigError } from '../../core/index.ts'
import { exampleConfig } from '../../serve/index.ts'
import { commandName, type Output } from '../terminal/index.ts'

export function addInitCommand(program: Command, output: Output): void {
  program
    .command('init')
    .description('write a commented example config')
    .argument('[file]', 'where to', 'inframind.yaml')
    .option('--force', 'overwrite an existing file')
    .action((file: string, { force }: { readonly force?: boolean }) => {
      writeNew(file, force ?? false)
      output.line(`wrote ${file}; edit the engines, then: ${commandName()} check --config ${file}`)
    })
}

function writeNew(file: string, isForced: boolean): void {
  try {
    writeFileSync(file, exampleConfig(), { flag: isForced ? 'w' : 'wx' })
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    const exists = code === 'EEXIST'
    throw new ConfigError(
      [
        {
          path: file,
          expected: exists ? 'a file that does not exist yet' : 'a path that can be written',
          got: exists ? 'an existing file' : String(code),
          fix: exists ? 'Name another file, or use --force.' : 'Check the folder and its permissions.',
        },
      ],
      'the command line',
    )
  }
}
