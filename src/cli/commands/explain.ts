/** @file `inframind explain RUN|last`: why a run went as it went, in sentences that follow from its record. */
import type { Command } from 'commander'
import { request } from 'undici'
import { InframindError, type RunRecord } from '../../core/index.ts'
import { findRecord, parseRunRecord } from '../../flow/index.ts'
import { explainRun } from '../../serve/index.ts'
import type { Output } from '../terminal/index.ts'

interface ExplainOptions {
  readonly url: string
  readonly records: string
  readonly key?: string
  readonly json?: boolean
}

export function addExplainCommand(program: Command, output: Output): void {
  program
    .command('explain')
    .description('say why a run went as it went')
    .argument('<run>', 'a run id, or `last`')
    .option('--url <url>', 'a running gateway to ask first', 'http://127.0.0.1:8080')
    .option('--records <dir>', 'where run records lie', './runs')
    .option('--key <key>', 'API key of the gateway (or INFRAMIND_API_KEY)')
    .option('--json', 'print the record itself')
    .action(async (run: string, options: ExplainOptions) => {
      const record = (await askGateway(run, options)) ?? findOnDisk(run, options)
      if (options.json) output.line(JSON.stringify(record, null, 2))
      else for (const sentence of explainRun(record)) output.line(sentence)
    })
}

/** Null: no gateway answers there, or it does not know the run. */
async function askGateway(run: string, { url, key }: ExplainOptions): Promise<RunRecord | null> {
  const secret = key ?? process.env['INFRAMIND_API_KEY']
  const headers = secret === undefined ? {} : { authorization: `Bearer ${secret}` }
  try {
    const answer = await request(`${url.replace(/\/+$/, '')}/v1/runs/${encodeURIComponent(run)}`, { headers })
    const body = await answer.body.json()
    return answer.statusCode === 200 ? parseRunRecord(body) : null
  } catch {
    return null
  }
}

function findOnDisk(run: string, { records, url }: ExplainOptions): RunRecord {
  const record = findRecord(records, run)
  if (record) return record
  const message = `no run ${run} is known to the gateway at ${url} nor in ${records}; give --url or --records`
  throw new InframindError('NOT_FOUND', message)
}
