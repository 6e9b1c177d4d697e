/**
 * @file Reads the Prometheus text format: the samples whose names were asked for, and nothing else.
 *
 * Names match exactly (`vllm:num_requests_waiting` is a prefix of `vllm:num_requests_waiting_by_reason`). Comments, type
 * lines, `_created` samples, timestamps and exemplars are passed over, and so is any line that does not parse: a scrape
 * with rubbish in it still gives its good lines. Never throws. Cost: O(text); labels are read only of wanted samples.
 *
 * Source: Prometheus exposition formats, "Text-based format" 0.0.4; OpenMetrics 1.0 for exemplars.
 */

export interface PrometheusSample {
  readonly name: string
  readonly labels: ReadonlyMap<string, string>
  /** May be NaN or infinite, as exposed. */
  readonly value: number
}

const namePattern = /[a-zA-Z_:][a-zA-Z0-9_:]*/y
const bracePattern = /[ \t]*\{/y
const closePattern = /\s*\}/y
const labelPattern = /\s*([a-zA-Z_][a-zA-Z0-9_]*)\s*=\s*"((?:[^"\\]|\\[\s\S])*)"\s*(,|(?=\}))/y
const valuePattern = /[ \t]*(?:([+-]?Inf)|(NaN)|([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?))(?=[ \t]|$)/iy
const noLabels: ReadonlyMap<string, string> = new Map()

/** Samples named in `wanted`, in the order of the text. */
export function parsePrometheusText(text: string, wanted: ReadonlySet<string>): PrometheusSample[] {
  const samples: PrometheusSample[] = []
  for (const line of text.split('\n')) {
    const sample = parseLine(line.trim(), wanted)
    if (sample !== null) samples.push(sample)
  }
  return samples
}

/** Names of all samples, each once, `_created` left out: to see which engine is talking. */
export function sampleNames(text: string): Set<string> {
  const names = new Set<string>()
  for (const line of text.split('\n')) {
    const name = matchAt(namePattern, line, 0)?.[0]
    if (name !== undefined && !name.endsWith('_created')) names.add(name)
  }
  return names
}

function parseLine(line: string, wanted: ReadonlySet<string>): PrometheusSample | null {
  const name = matchAt(namePattern, line, 0)?.[0]
  if (name === undefined || !wanted.has(name) || name.endsWith('_created')) return null
  let position = name.length
  let labels = noLabels
  const brace = matchAt(bracePattern, line, position)
  if (brace !== null) {
    const parsed = parseLabels(line, position + brace[0].length)
    if (parsed === null) return null
    labels = parsed.labels
    position = parsed.end
  } else if (!/[ \t]/.test(line.charAt(position))) return null
  const value = parseValue(line, position)
  return value === null ? null : { name, labels, value }
}

/** Labels from `start`, just after the opening brace; `end` is just after the closing one. Null: malformed. */
function parseLabels(line: string, start: number): { labels: Map<string, string>; end: number } | null {
  const labels = new Map<string, string>()
  let position = start
  for (let match = matchAt(labelPattern, line, position); match; match = matchAt(labelPattern, line, position)) {
    labels.set(match[1] as string, unescapeLabel(match[2] as string))
    position += match[0].length
    if (match[3] !== ',') break
  }
  const close = matchAt(closePattern, line, position)
  return close === null ? null : { labels, end: position + close[0].length }
}

function parseValue(line: string, position: number): number | null {
  const match = matchAt(valuePattern, line, position)
  if (match === null) return null
  if (match[1] !== undefined) return match[1].startsWith('-') ? -Infinity : Infinity
  return match[2] === undefined ? Number(match[3]) : Number.NaN
}

const unescapeLabel = (value: string): string =>
  value.replace(/\\([\s\S])/g, (whole, next: string) =>
    next === 'n' ? '\n' : next === '"' || next === '\\' ? next : whole,
  )

function matchAt(pattern: RegExp, text: string, position: number): RegExpExecArray | null {
  pattern.lastIndex = position
  return pattern.exec(text)
}
