/** @file CPU time of repeated work, and how figures are printed. */

/** CPU time (user and system) of each repetition in ms, after one that is not counted. */
export async function cpuTimesMs(repetitions: number, work: () => Promise<void>): Promise<readonly number[]> {
  await work()
  const times: number[] = []
  for (let repetition = 0; repetition < repetitions; repetition += 1) {
    const start = process.cpuUsage()
    await work()
    const { user, system } = process.cpuUsage(start)
    times.push((user + system) / 1000)
  }
  return times
}

/** The smallest: what the work itself costs. Whatever else a shared machine does can only add to it. */
export const fastest = (values: readonly number[]): number => Math.min(...values)

/** Prints one object as JSON with `--json`, else a line per figure. */
export function report(figures: Readonly<Record<string, number | string>>): void {
  if (process.argv.includes('--json')) {
    console.log(JSON.stringify({ node: process.version, ...figures }, null, 2))
    return
  }
  for (const [name, value] of Object.entries(figures)) {
    console.log(`${name.padEnd(44)} ${typeof value === 'number' ? Number(value.toPrecision(4)) : value}`)
  }
}
