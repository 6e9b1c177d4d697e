import { mkdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { questionFolder } from '../../../../test/question-folder.ts'
import { benchmarkNamed, dataFilesOf, findDataFiles } from './data-files.ts'

describe('the name of a file or folder', () => {
  it.each([
    ['math500.jsonl.gz', 'math'],
    ['MATH', 'math'],
    ['math_test.json', 'math'],
    ['hendrycks_math.jsonl', 'math'],
    ['gsm8k_test.jsonl.gz', 'gsm8k'],
    ['GSM8K.json', 'gsm8k'],
    ['gsm.jsonl', 'gsm8k'],
    ['gsm_hard.jsonl.gz', 'gsm-hard'],
    ['gsmhardv2.jsonl', 'gsm-hard'],
    ['GSM-Hard', 'gsm-hard'],
    ['mbpp.jsonl', 'mbpp'],
    ['sanitized-mbpp.json', 'mbpp'],
    ['HumanEval.jsonl.gz', 'humaneval'],
    ['human-eval', 'humaneval'],
    ['mmlu_pro_sample1400.jsonl.gz', 'mmlu-pro'],
    ['MMLU-Pro', 'mmlu-pro'],
  ])('%s holds %s', (name, dataset) => {
    expect(benchmarkNamed(name)).toBe(dataset)
  })

  it.each(['mathematics-for-pets.jsonl', 'mmlu.jsonl', 'test.jsonl', 'constructor', 'aftermath.jsonl', 'README.md'])(
    '%s holds no published set',
    (name) => {
      expect(benchmarkNamed(name)).toBeNull()
    },
  )
})

const named = (files: readonly { readonly name: string }[]) => files.map(({ name }) => name)

describe('a folder of questions', () => {
  it('gives published sets and own ones, and passes over what is neither', () => {
    const folder = questionFolder({
      'math500.jsonl': '',
      'Support Desk.jsonl': '',
      'notes.txt': '',
      'other.json': '',
      '.hidden.jsonl': '',
      'pictures/a.jsonl': '',
      'MBPP/readme.md': '',
    })
    expect([...findDataFiles(folder).keys()].sort()).toEqual(['Support Desk', 'math'])
  })

  it('reads a folder named after a set, the test part alone where there is one', () => {
    const folder = questionFolder({
      'MATH/train/algebra/1.json': '',
      'MATH/test/algebra/2.json': '',
      'MATH/test/geometry/1.json': '',
      'GSM8K/train.jsonl': '',
      'MBPP/part-a.jsonl': '',
      'MBPP/part-b.jsonl': '',
    })
    expect(named(dataFilesOf(folder, 'math'))).toEqual(['MATH/test/algebra/2.json', 'MATH/test/geometry/1.json'])
    expect(named(dataFilesOf(folder, 'gsm8k'))).toEqual(['GSM8K/train.jsonl'])
    expect(named(dataFilesOf(folder, 'mbpp'))).toEqual(['MBPP/part-a.jsonl', 'MBPP/part-b.jsonl'])
  })

  it('takes the test part, and the plain one of a file that lies there gzipped too', () => {
    const folder = questionFolder({
      'gsm8k_train.jsonl': '',
      'gsm8k_test.jsonl': '',
      'gsm8k_test.jsonl.gz': '',
    })
    expect(named(dataFilesOf(folder, 'gsm8k'))).toEqual(['gsm8k_test.jsonl'])
  })

  it('ends where links lead back up, and passes over dead ones', () => {
    const folder = questionFolder({ 'MATH/test.jsonl': '' })
    mkdirSync(join(folder, 'MATH/deep'))
    symlinkSync(join(folder, 'MATH'), join(folder, 'MATH/deep/up'))
    symlinkSync(join(folder, 'nowhere'), join(folder, 'lost.jsonl'))
    expect([...findDataFiles(folder).keys()]).toEqual(['math'])
    expect(dataFilesOf(folder, 'math').length).toBeLessThan(4)
  })

  it('refuses two copies of a set', () => {
    const folder = questionFolder({ 'mbpp.jsonl': '', 'sanitized-mbpp.json': '' })
    expect(() => dataFilesOf(folder, 'mbpp')).toThrow(
      /one file for mbpp, got mbpp\.jsonl, sanitized-mbpp\.json\. Keep one/,
    )
    const mixed = questionFolder({ 'math500.jsonl': '', 'MATH/all.jsonl': '' })
    expect(() => dataFilesOf(mixed, 'math')).toThrow(/one file for math/)
  })

  it('names the nearest set for an unknown one', () => {
    const folder = questionFolder({ 'math500.jsonl': '', 'gsm_hard.jsonl': '' })
    expect(() => dataFilesOf(folder, 'gsm-hrd')).toThrow(/CONFIG_INVALID[\s\S]*got gsm-hrd\. Did you mean "gsm-hard"\?/)
    expect(() => dataFilesOf(folder, 'poetry')).toThrow(/Known: gsm-hard, math\./)
  })

  it.each(['mixed.jsonl', 'synthetic-math.jsonl.gz'])('refuses %s: the name stands for something else', (name) => {
    expect(() => findDataFiles(questionFolder({ [name]: '' }))).toThrow(/Rename it/)
  })

  it('says so where there is no folder', () => {
    const file = join(questionFolder({ 'math500.jsonl': '' }), 'math500.jsonl')
    for (const path of ['/no/such/folder', file]) {
      expect(() => findDataFiles(path)).toThrow(`--data: expected a folder, got ${path}.`)
    }
  })
})
