/** @file Python tasks on strings, levels 1 to 4. */
import type { Draw, Template } from '../template.ts'
import { type CodeTask, codeTemplate } from './code-template.ts'

const words: readonly string[] = [
  'the',
  'quick',
  'brown',
  'foxes',
  'Rolling',
  'stones',
  'gather',
  'no',
  'moss',
  'every',
  'cloud',
  'has',
  'Silver',
  'lining',
  'better',
  'late',
  'than',
  'never',
  'Still',
  'waters',
  'run',
  'deep',
  'many',
  'hands',
  'make',
  'light',
  'Work',
  'queue',
  'aeon',
  'idea',
]

const phrase = (draw: Draw): string => draw.sample(words, draw.between(3, 6)).join(' ')

function countLonger(draw: Draw): CodeTask<[string]> {
  const [least, letter] = [draw.between(2, 6), draw.pick([...'aeinorst'])]
  const counts = (word: string) => word.length >= least && word.includes(letter)
  return {
    name: draw.pick(['count_words', 'matching_words', 'words_with']),
    parameters: 'text',
    does: `counts the words of a text, separated by blanks, that have at least ${least} letters and contain the letter '${letter}'`,
    body: [`return sum(1 for w in text.split() if len(w) >= ${least} and '${letter}' in w)`],
    bugs: [
      [`len(w) >= ${least} and `, ''],
      [` and '${letter}' in w`, ''],
      [`>= ${least}`, `> ${least}`],
    ],
    cases: [
      [`${letter.repeat(least)} ${letter} ${'z'.repeat(least + 1)}`],
      [phrase(draw)],
      [`${letter.repeat(least + 1)} ${letter.repeat(least)}`],
      [''],
    ],
    solve: (text) => text.split(' ').filter((word) => counts(word)).length,
  }
}

function countLetters(draw: Draw): CodeTask<[string]> {
  const letters = draw.sample([...'abcdeghilmnoprstu'], 3).join('')
  return {
    name: draw.pick(['count_letters', 'letter_total', 'count_chosen']),
    parameters: 'text',
    does: `returns how many characters of a text are one of the letters ${[...letters].map((letter) => `'${letter}'`).join(', ')}, no matter whether they are written small or as capitals`,
    body: [`return sum(1 for c in text.lower() if c in '${letters}')`],
    bugs: [
      ['text.lower()', 'text'],
      ['text.lower()', 'set(text.lower())'],
      [`in '${letters}'`, `in '${letters.slice(0, 2)}'`],
    ],
    cases: [
      [`${letters}${letters.toUpperCase()}z`],
      [phrase(draw)],
      [`${letters[2]}${letters[2]?.toUpperCase()}${letters[0]}`],
      [''],
    ],
    solve: (text) => [...text.toLowerCase()].filter((letter) => letters.includes(letter)).length,
  }
}

function shiftCipher(draw: Draw): CodeTask<[string]> {
  const shift = draw.between(2, 24)
  const turn = (letter: string) => String.fromCharCode(((letter.charCodeAt(0) - 97 + shift) % 26) + 97)
  return {
    name: draw.pick(['shift_letters', 'encode', 'cipher', 'scramble', 'encrypt']),
    parameters: 'text',
    does: `replaces every small letter from 'a' to 'z' in a text by the letter that stands ${shift} places further on in the alphabet, going on with 'a' after 'z', and leaves all other characters as they are`,
    body: [
      'out = []',
      'for c in text:',
      "    if 'a' <= c <= 'z':",
      `        c = chr((ord(c) - 97 + ${shift}) % 26 + 97)`,
      '    out.append(c)',
      "return ''.join(out)",
    ],
    bugs: [
      [' % 26', ''],
      [`+ ${shift})`, `- ${shift})`],
      ["    if 'a' <= c <= 'z':", '    if c.isalpha():'],
    ],
    cases: [['abc xyz'], [phrase(draw)], ['Zebra QUIZ 42!'], ['']],
    solve: (text) => text.replace(/[a-z]/g, turn),
  }
}

function bracketDepth(draw: Draw): CodeTask<[string]> {
  const [limit, pair] = [draw.between(2, 9), draw.pick(['()', '[]', '{}', '<>'])]
  const [open, close] = [pair[0] as string, pair[1] as string]
  const nest = (depth: number) => open.repeat(depth) + close.repeat(depth)
  return {
    name: draw.pick(['well_nested', 'check_nesting', 'nesting_ok']),
    parameters: 'text',
    does: `returns True if the brackets '${open}' and '${close}' in a text are balanced, so that each closing one has an opening one before it and none is left open at the end, and if they are never nested more than ${limit} deep; otherwise it returns False. All other characters are to be ignored`,
    body: [
      'depth = 0',
      'for c in text:',
      `    depth += (c == '${open}') - (c == '${close}')`,
      `    if depth < 0 or depth > ${limit}:`,
      '        return False',
      'return depth == 0',
    ],
    bugs: [
      ['depth < 0 or ', ''],
      [`depth > ${limit}`, `depth >= ${limit}`],
      ['return depth == 0', 'return True'],
    ],
    cases: [[`a${open}b${close}`], [nest(limit)], [nest(limit + 1)], [`${close}${open}`], [`${open}${nest(1)}`], ['']],
    solve: (text) => {
      let marks = [...text].filter((character) => pair.includes(character)).join('')
      // Peeling off all innermost pairs at once takes one layer of depth.
      let layers = 0
      while (marks.includes(pair)) {
        marks = marks.split(pair).join('')
        layers += 1
      }
      return marks === '' && layers <= limit
    },
  }
}

function vowelGroups(draw: Draw): CodeTask<[string]> {
  const [letters, mark] = [
    draw
      .sample([...'aeiou'], 3)
      .sort()
      .join(''),
    draw.pick([...'*#_~+']),
  ]
  const [a, b] = [letters[0] as string, letters[1] as string]
  return {
    name: draw.pick(['mask_groups', 'hide_letters', 'blank_groups']),
    parameters: 'text',
    does: `replaces each unbroken group of the small letters ${[...letters].map((letter) => `'${letter}'`).join(', ')} in a text by a single '${mark}', however long the group is, and returns the new text`,
    body: [
      'out = []',
      'inside = False',
      'for c in text:',
      `    hit = c in '${letters}'`,
      '    if not hit:',
      '        out.append(c)',
      '    elif not inside:',
      `        out.append('${mark}')`,
      '    inside = hit',
      "return ''.join(out)",
    ],
    bugs: [
      ['elif not inside', 'else'],
      ['    inside = hit', '    inside = inside or hit'],
      ['    if not hit:', '    if not hit and not inside:'],
    ],
    cases: [[`x${a}${b}y${a}`], [phrase(draw)], [`${a}${a}b${b}c`], ['']],
    solve: (text) => text.replace(new RegExp(`[${letters}]+`, 'g'), mark),
  }
}

export const textTasks: readonly Template[] = [
  codeTemplate('count-longer', 1, countLonger),
  codeTemplate('count-letters', 2, countLetters),
  codeTemplate('shift-cipher', 3, shiftCipher),
  codeTemplate('vowel-groups', 3, vowelGroups),
  codeTemplate('bracket-depth', 4, bracketDepth),
]
