/** @file The Prometheus text parser: exact names, all escapes, and nothing thrown whatever comes. */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parsePrometheusText, sampleNames } from './prometheus-text.ts'

const parse = (text: string, ...names: readonly string[]) =>
  parsePrometheusText(text, new Set(names)).map(({ name, labels, value }) => ({
    name,
    value,
    ...Object.fromEntries(labels),
  }))

describe('parsePrometheusText', () => {
  it.each([
    ['a bare sample', 'a 1', [{ name: 'a', value: 1 }]],
    ['labels', 'a{x="1",y="two"} 2.5', [{ name: 'a', value: 2.5, x: '1', y: 'two' }]],
    ['no labels in braces', 'a{} 3', [{ name: 'a', value: 3 }]],
    ['a comma after the last label', 'a{x="1",} 3', [{ name: 'a', value: 3, x: '1' }]],
    ['blanks all over', '  a { x = "1" , y="2" }   4e-3  ', [{ name: 'a', value: 0.004, x: '1', y: '2' }]],
    ['no blank after the brace', 'a{x="1"}5', [{ name: 'a', value: 5, x: '1' }]],
    ['escapes', 'a{x="q\\"b\\\\n\\nz\\t"} 1', [{ name: 'a', value: 1, x: 'q"b\\n\nz\\t' }]],
    ['braces and commas in a label', 'a{x="},{=",y="="} 1', [{ name: 'a', value: 1, x: '},{=', y: '=' }]],
    ['infinities', 'a +Inf\na -Inf\na Inf', [Infinity, -Infinity, Infinity].map((value) => ({ name: 'a', value }))],
    ['not a number', 'a NaN', [{ name: 'a', value: Number.NaN }]],
    ['a timestamp', 'a 1 1700000000000', [{ name: 'a', value: 1 }]],
    ['an exemplar', 'a{le="1"} 2 # {trace="x"} 0.5', [{ name: 'a', value: 2, le: '1' }]],
    [
      'carriage returns',
      'a 1\r\na 2\r\n',
      [
        { name: 'a', value: 1 },
        { name: 'a', value: 2 },
      ],
    ],
    [
      'signs and forms of numbers',
      'a +1\na -.5\na 2.\na 1E3',
      [1, -0.5, 2, 1000].map((value) => ({ name: 'a', value })),
    ],
  ])('reads %s', (_name, text, samples) => {
    expect(parse(text, 'a')).toEqual(samples)
  })

  it.each([
    ['a comment', '# HELP a 1\n# TYPE a gauge\n#a 1'],
    ['another name', 'ab 1\n_a 1\na_total 1\nvllm:a 1'],
    ['a name that runs into something', 'a-1\na.b 1\na"x" 1'],
    ['no value', 'a\na{x="1"}\na '],
    ['a value that is none', 'a one\na 0x10\na 1_000\na 1.2.3'],
    ['labels that are none', 'a{x=1} 1\na{x="1} 1\na{x} 1\na{x="1" y="2"} 1\na{x="1"\na{"x"="1"} 1'],
  ])('passes over %s', (_name, text) => {
    expect(parse(text, 'a')).toEqual([])
  })

  it('keeps the good lines of a page with rubbish in it', () => {
    expect(parse('<html>\na 1\n}{\na{ 2\na 3', 'a')).toEqual([
      { name: 'a', value: 1 },
      { name: 'a', value: 3 },
    ])
  })

  it('never takes a creation time for a value', () => {
    expect(parse('a_created 1.7e9', 'a', 'a_created')).toEqual([])
    expect([...sampleNames('# TYPE b gauge\na_created 1\na_total{x="1"} 2\nvllm:c 3')]).toEqual(['a_total', 'vllm:c'])
  })

  it('reads a recorded page', () => {
    const page = readFileSync(
      resolve(import.meta.dirname, '../../../test/fixtures/llama-cpp/metrics-overload.prom'),
      'utf8',
    )
    expect(parse(page, 'llamacpp:requests_deferred', 'llamacpp:kv_cache_usage_ratio')).toEqual([
      { name: 'llamacpp:kv_cache_usage_ratio', value: 0.00732422 },
      { name: 'llamacpp:requests_deferred', value: 4 },
    ])
    expect(sampleNames(page).size).toBe(12)
  })

  it('gives back any labels and value that were written down', () => {
    const escaped = (value: string) => value.replace(/\\/g, '\\\\').replace(/"/g, '\\"').replace(/\n/g, '\\n')
    const labels = fc.dictionary(fc.stringMatching(/^[a-z_][a-z0-9_]{0,8}$/), fc.string(), { maxKeys: 4 })
    fc.assert(
      fc.property(labels, fc.double({ noNaN: true }), (record, value) => {
        const pairs = Object.entries(record).map(([name, text]) => `${name}="${escaped(text)}"`)
        const shown = value === Infinity ? '+Inf' : String(value).replace('Infinity', 'Inf')
        const [sample] = parsePrometheusText(`a{${pairs.join(',')}} ${shown}`, new Set(['a']))
        expect(Object.fromEntries(sample?.labels ?? [])).toEqual({ ...record })
        expect(sample?.value === value).toBe(true)
      }),
    )
  })

  it('never throws', () => {
    const bits = fc.constantFrom(
      'a',
      '{',
      '}',
      '"',
      '\\',
      '=',
      ',',
      ' ',
      '\n',
      '1',
      '.',
      'Inf',
      '#',
      'x="y"',
      '_created',
    )
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(bits, { maxLength: 40 }).map((parts) => parts.join('')),
        ),
        (text) => {
          for (const { name, value } of parsePrometheusText(text, new Set(['a']))) {
            expect(name).toBe('a')
            expect(typeof value).toBe('number')
          }
          sampleNames(text)
        },
      ),
      { numRuns: 500 },
    )
  })
})
