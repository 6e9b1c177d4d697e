/** @file `inframind twin`: the simulated engines alone, to point any client or `inframind serve` at. */
import type { Command } from 'commander'
import { loadProfile } from '../../lab/index.ts'
import { createSyntheticQuestions, syntheticDatasets } from '../../lab/questions/index.ts'
import { startTwinEngines, stopTwinEngines } from '../engines/index.ts'
import { untilStopped } from '../gateway/index.ts'
import { commandName, numberFlag, type Output } from '../terminal/index.ts'

interface TwinOptions {
  readonly profile: string
  readonly port: number
  readonly timeScale: number
  readonly seed: number
}

const questionsPerSet = 200

export function addTwinCommand(program: Command, output: Output): void {
  program
    .command('twin')
    .description('run simulated engines over HTTP, one per model, without a gateway')
    .option('--profile <name|path>', 'the pool to simulate', 'paper-b200')
    .option(
      '--port <port>',
      'port of the first engine; 0: any free ones',
      numberFlag({ min: 0, max: 65_000, whole: true }),
      8001,
    )
    .option('--time-scale <factor>', 'simulated seconds per second', numberFlag({ min: 0.1, max: 100 }), 1)
    .option('--seed <number>', 'seed of questions and answers', numberFlag({ min: 0, max: 2 ** 31, whole: true }), 1)
    .action((options: TwinOptions) => runTwin(options, output))
}

async function runTwin({ profile: name, port, timeScale, seed }: TwinOptions, output: Output): Promise<void> {
  const profile = loadProfile(name)
  const questions = syntheticDatasets.flatMap((dataset) =>
    createSyntheticQuestions({ dataset, count: questionsPerSet, seed }),
  )
  const engines = await startTwinEngines({ profile, questions, seed, timeScale, firstPort: port })
  output.line('simulated engines ready:')
  for (const { model, url } of engines) output.line(`  ${url}  ${model}`)
  output.line(`try: ${commandName()} serve ${engines.map(({ url }) => `--engine ${url}`).join(' ')}`)
  await untilStopped()
  await stopTwinEngines(engines)
}
