import { describe, expect, it } from 'vitest'
import { anEpisode } from '../../../test/an-episode.ts'
import { type JudgeGrid, judge } from './judge.ts'
import type { EpisodeFacts, RolloutPool, ShardTask } from './rollouts/index.ts'

const grid: JudgeGrid = {
  datasets: ['a', 'b'],
  ratesPerMinute: [10, 200],
  budgetsSeconds: [5, 30],
  minutes: 3,
  seed: 40,
}
const policy = {
  shape: { hidden: 4, temperature: null, readsQuestions: false },
  weights: { planner: new Float32Array(1), executor: new Float32Array(1) },
}

async function judged(episodesOf: (task: ShardTask) => readonly EpisodeFacts[]) {
  const tasks: ShardTask[] = []
  const pool: RolloutPool = {
    models: [],
    mostModels: 1,
    play: async (given) => {
      tasks.push(...given)
      return given.map((task) => ({ episodes: episodesOf(task), planner: {} as never, executor: {} as never }))
    },
    close: async () => {},
  }
  return { judgement: await judge(pool, policy, grid), tasks }
}

describe('judging', () => {
  it('plays every cell once, as in serving, with what the twin knows of its answers, the same twins every time', async () => {
    const { tasks, judgement } = await judged(() => [])
    expect(tasks).toHaveLength(8)
    for (const task of tasks) {
      expect(task).toMatchObject({ explores: false, usesHindsight: true, ...policy })
      expect(task.scenario).toMatchObject({ pool: 0, know: 'estimated', fault: null })
    }
    expect((await judged(() => [])).tasks).toEqual(tasks)
    expect(judgement).toMatchObject({ correctGoodput: 0, onTime: 0 })
    // At least a hundred and fifty queries also where few come.
    expect(tasks.map(({ scenario }) => scenario.minutes)).toEqual([15, 15, 3, 3, 15, 15, 3, 3])
  })

  it('counts what is right in time, every cell as much as any other', async () => {
    const { judgement } = await judged(({ scenario }) =>
      scenario.dataset === 'a'
        ? [anEpisode({ correctness: 1 }), anEpisode({ correctness: 1, isOnTime: false })]
        : Array.from({ length: 10 }, () => anEpisode({ correctness: 0 })),
    )
    expect(judgement.cells).toHaveLength(8)
    expect(judgement.cells[0]).toMatchObject({
      dataset: 'a',
      ratePerMinute: 10,
      budgetSeconds: 5,
      arrived: 2,
      onTime: 0.5,
    })
    expect(judgement.cells[0]?.correctGoodput).toBe(0.5)
    expect(judgement.cells[0]?.meanLatencyMs).toBeCloseTo(9_000)
    expect(judgement).toMatchObject({ correctGoodput: 0.25, onTime: 0.75 })
  })
})
