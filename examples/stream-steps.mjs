/**
 * @file A streamed answer with its steps: events on standard error as they happen, the answer on standard output.
 *
 * Needs a gateway, such as `npm start` in another terminal. `node examples/stream-steps.mjs`; INFRAMIND_URL names
 * another gateway than http://127.0.0.1:8080.
 */
import OpenAI from 'openai'

const url = process.env.INFRAMIND_URL ?? 'http://127.0.0.1:8080'
const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: process.env.INFRAMIND_API_KEY ?? 'none' })
const question =
  'In January a shop raises the price of a bicycle, which was 2700 dollars, by 5%. In March the new price is lowered by ' +
  '20%, and it stays there for the rest of the year. What is the price in dollars at the end of the year? ' +
  'Answer with a single number.'
const stream = await client.chat.completions.create({
  model: 'inframind@30s',
  stream: true,
  messages: [{ role: 'user', content: question }],
  inframind: { steps: 'events' },
})

for await (const { choices, inframind } of stream) {
  // Events ride on chunks without choices; the closing story on the chunk with the finish reason.
  if (inframind?.type === 'planned') console.error(`planned: ${inframind.topology}, ${inframind.steps} steps`)
  else if (inframind?.type)
    console.error(`${inframind.at_ms} ms ${inframind.type}: ${inframind.role}, ${inframind.model}`)
  else if (inframind) console.error(`done after ${Math.round(inframind.elapsed_ms)} of ${inframind.budget_ms} ms`)
  process.stdout.write(choices[0]?.delta.content ?? '')
}
process.stdout.write('\n')
