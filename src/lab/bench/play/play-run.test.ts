import { describe, expect, it } from 'vitest'
import { paperModelIds, simulationOf } from '../../../../test/bench/small-bench.ts'
import { questionOrder } from '../question-order.ts'
import { runResultSchema } from '../run-result.ts'
import { unpackBits } from './bits.ts'
import { type PlayRunInput, playRun } from './play-run.ts'

const slowSingle = `single:${paperModelIds[0]}:DeepThink`

const inputOf = (method: string, budgetsSeconds: readonly (number | null)[], parts: Partial<PlayRunInput> = {}) => {
  const { budgetSeconds: _, ...rest } = simulationOf(method, { ratePerMinute: 120, warmUpMinutes: 0.2, minutes: 0.5 })
  return { ...rest, key: 'the-key', inputsHash: 'the-hash', dataset: 'mixed', budgetsSeconds, ...parts }
}

describe('a run that is blind to the budget', () => {
  it.each(['least-loaded', 'moa', `${slowSingle}+fcfs+free`])(
    '%s is scored under several as if it had been played under each',
    async (method) => {
      const budgets = [2, 10, 100, null]
      const together = await playRun(inputOf(method, budgets))
      const apart = await Promise.all(
        budgets.map(async (budget) => (await playRun(inputOf(method, [budget]))).cells[0]),
      )
      expect(together.cells).toEqual(apart)
      const onTime = together.cells.map(({ row }) => row.on_time)
      expect(onTime[0]).toBeLessThan(onTime[2] as number)
      const { correct, answered, output_tokens } = together.cells[0]!.row
      for (const { row } of together.cells) expect(row).toMatchObject({ correct, answered, output_tokens })
    },
  )

  it('is followed for as long as its longest budget', async () => {
    // The one arm needs some eight minutes for what comes in one.
    const slow = { ratePerMinute: 400, warmUpMinutes: 0, minutes: 1 }
    const [short, long] = (await playRun(inputOf(`${slowSingle}+fcfs+free`, [300, 1500], slow))).cells
    expect(long?.row.on_time).toBe(long?.row.arrived)
    expect(short?.row.on_time).toBeLessThan(long?.row.on_time as number)
  })
})

describe('the result of a run', () => {
  it('is what the files and the report hold', async () => {
    const result = await playRun(inputOf('inframind', [10]))
    expect(runResultSchema.parse(JSON.parse(JSON.stringify(result)))).toEqual(result)
    expect(result).toMatchObject({
      key: 'the-key',
      inputsHash: 'the-hash',
      method: 'inframind',
      dataset: 'mixed',
      seed: 1,
    })
    const [{ row, onTimeBits, correctOnTimeBits, strictOnTimeBits }] = result.cells as [(typeof result.cells)[number]]
    expect(row).toMatchObject({ budget_s: 10, rate_per_min: 120, scheduler: 'default', enforced: true })
    const count = (bits: string) => unpackBits(bits, row.arrived).filter(Boolean).length
    expect(count(onTimeBits)).toBe(row.on_time)
    expect(count(correctOnTimeBits)).toBe(row.correct_on_time)
    expect(count(strictOnTimeBits)).toBe(row.strict_on_time)
    expect(Object.keys(result.queues.models).sort()).toEqual([...paperModelIds].sort())
  })

  it('gives back which question each query was', async () => {
    const asked: string[] = []
    const input = inputOf('least-loaded', [10], { onRecord: (_record, { id }) => void asked.push(id) })
    const { seed, questionCount, setSizes, warmUpQueries, cells } = await playRun(input)
    const order = questionOrder(seed, questionCount, setSizes)
    for (let query = 0; query < warmUpQueries; query += 1) order.next()
    const drawn =
      cells[0] && Array.from({ length: cells[0].row.arrived }, () => input.questions[order.next().value]?.id)
    expect(drawn?.toSorted()).toEqual(asked.toSorted())
  })

  it('is refused for several budgets where the method sees them', async () => {
    await expect(playRun(inputOf('inframind', [10, 30]))).rejects.toThrow('budget-blind')
  })
})
