import { createTwinWorld, loadProfile, runWorkload } from 'inframind/lab'
import { createSyntheticQuestions } from 'inframind/lab/questions'

const profile = loadProfile('paper-b200')
const questions = createSyntheticQuestions({ dataset: 'synthetic-math', count: 200, seed: 1 })
const world = createTwinWorld({ profile, questions, seed: 1, trace: { write: () => {} } })
const load = { questions, queries: 500, arrivalRatePerMinute: 100, budgetsMs: [10_000, 60_000], seed: 1 }
const { runs, spanMs } = await runWorkload(world, load)
const onTime = runs.filter(({ record }) => record.isOnTime).length
console.log(`simulated: ${onTime} of ${runs.length} queries on time in ${Math.round(spanMs / 60_000)} minutes`)
