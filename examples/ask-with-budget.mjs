/**
 * @file The same question with two budgets, through the openai client: what was planned, and how long it took.
 *
 * Needs a gateway, such as `npm start` in another terminal. `node examples/ask-with-budget.mjs`; INFRAMIND_URL names
 * another gateway than http://127.0.0.1:8080.
 */
import OpenAI from 'openai'

const url = process.env.INFRAMIND_URL ?? 'http://127.0.0.1:8080'
const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: process.env.INFRAMIND_API_KEY ?? 'none' })
const question =
  'In January a shop raises the price of a bicycle, which was 2700 dollars, by 5%. In March the new price is lowered by ' +
  '20%, and it stays there for the rest of the year. What is the price in dollars at the end of the year? ' +
  'Answer with a single number.'

for (const budgetMs of [2_000, 60_000]) {
  const answer = await client.chat.completions.create({
    model: 'inframind',
    messages: [{ role: 'user', content: question }],
    inframind: { budget_ms: budgetMs },
  })
  const { topology, steps, elapsed_ms, on_time } = answer.inframind
  console.log(`${budgetMs / 1000} s: ${topology}, ${Math.round(elapsed_ms)} ms, ${on_time ? 'on time' : 'late'}`)
  for (const { role, model, strategy, status } of steps) {
    console.log(`  ${role}: ${model === null ? '-' : `${model}, ${strategy}`} (${status})`)
  }
  console.log(`  ${answer.choices[0].message.content.split('\n').at(-1)}`)
}
