/** @file The command that would have produced what is not there. */
import type { Results } from '../results/results.ts'

/** The bench of these results with `methods` added: runs that are there already are not made again. */
export function commandWith({ meta, methods, folder }: Results, added: readonly string[]): string {
  const names = [...methods.map(({ name }) => name), ...added].join(',')
  const command = meta?.command ?? 'inframind bench'
  const option = /--methods[ =]\S+/
  const asked = option.test(command)
    ? command.replace(option, () => `--methods ${names}`)
    : `${command} --methods ${names}`
  return `${asked} --out ${folder}`
}
