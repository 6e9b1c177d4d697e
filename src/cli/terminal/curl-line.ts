/** @file A request that a user can paste into a shell. */

/** One line of curl that asks `question` within `budgetMs`. Single quotes in the question are escaped for the shell. */
export function curlLine(url: string, question: string, budgetMs: number): string {
  const body = JSON.stringify({
    model: 'inframind',
    messages: [{ role: 'user', content: question }],
    inframind: { budget_ms: budgetMs },
  })
  const quoted = body.replaceAll("'", `'\\''`)
  return `curl -s ${url}/v1/chat/completions -H 'content-type: application/json' -d '${quoted}'`
}
