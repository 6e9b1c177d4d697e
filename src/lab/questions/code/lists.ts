/** @file Python tasks on lists of numbers, levels 1 to 4. */
import type { Draw, Template } from '../template.ts'
import { type CodeTask, codeTemplate, drawList } from './code-template.ts'

type Numbers = [number[]]

function sumDivisible(draw: Draw): CodeTask<Numbers> {
  const [divisor, above] = [draw.between(2, 9), draw.between(0, 40)]
  const first = above + divisor - (above % divisor)
  return {
    name: draw.pick(['sum_divisible', 'add_multiples', 'total_of_multiples']),
    parameters: 'nums',
    does: `returns the sum of the numbers in a list that are greater than ${above} and divisible by ${divisor}`,
    body: [`return sum(n for n in nums if n > ${above} and n % ${divisor} == 0)`],
    bugs: [
      [`n > ${above} and `, ''],
      [`and n % ${divisor} == 0`, ''],
      ['sum(n for', 'sum(1 for'],
    ],
    cases: [
      [[first, first + 1, first - divisor, first + divisor]],
      [drawList(draw, 8, [-30, 120])],
      [[-divisor, first, first + 2 * divisor, first + divisor + 1]],
      [[]],
    ],
    solve: (nums) => nums.filter((n) => n > above && n % divisor === 0).reduce((sum, n) => sum + n, 0),
  }
}

function scaleShift(draw: Draw): CodeTask<Numbers> {
  const [factor, shift] = [draw.between(2, 15), draw.between(1, 30)]
  return {
    name: draw.pick(['scale_shift', 'transform_all', 'rescale']),
    parameters: 'nums',
    does: `multiplies every number of a list by ${factor}, then adds ${shift}, and returns the new list`,
    body: [`return [n * ${factor} + ${shift} for n in nums]`],
    bugs: [
      [`n * ${factor} + ${shift}`, `(n + ${shift}) * ${factor}`],
      [`+ ${shift}`, `- ${shift}`],
      ['in nums', 'in nums[1:]'],
    ],
    cases: [[[1, 2, 3]], [drawList(draw, 5, [-9, 40])], [[0]], [[]]],
    solve: (nums) => nums.map((n) => n * factor + shift),
  }
}

function clampRange(draw: Draw): CodeTask<Numbers> {
  const low = draw.between(-10, 20)
  const high = low + draw.between(5, 40)
  return {
    name: draw.pick(['clamp_values', 'limit_values', 'clip_list']),
    parameters: 'nums',
    does: `returns a new list in which every number below ${low} is replaced by ${low} and every number above ${high} is replaced by ${high}, while all others stay as they are`,
    body: [`return [max(${low}, min(${high}, n)) for n in nums]`],
    bugs: [
      [`max(${low}, min(${high}, n))`, `min(${high}, n)`],
      [`max(${low}, min(${high}, n))`, `max(${low}, n)`],
      [' for n in nums', ` for n in nums if n >= ${low}`],
    ],
    cases: [[[low - 3, low + 2, high + 4]], [drawList(draw, 6, [-40, 90])], [[low, high, low - 20, high + 20]], [[]]],
    solve: (nums) => nums.map((n) => Math.max(low, Math.min(high, n))),
  }
}

function everyKth(draw: Draw): CodeTask<Numbers> {
  const [step, start] = [draw.between(2, 6), draw.between(1, 6)]
  const ordinal = ['', '', 'second', 'third', 'fourth', 'fifth', 'sixth'][step]
  const list = (length: number) => Array.from({ length }, (_, index) => index * 3 + 1)
  return {
    name: draw.pick(['every_kth', 'pick_regularly', 'thin_out']),
    parameters: 'nums',
    does: `leaves out the first ${start} elements of a list and then takes the next one and every ${ordinal} one after it, returning them as a list in their order`,
    body: [`return nums[${start}::${step}]`],
    bugs: [
      [`[${start}::${step}]`, `[${start - 1}::${step}]`],
      [`[${start}::${step}]`, `[${start}::${step + 1}]`],
      [`[${start}::${step}]`, `[::${step}][${start}:]`],
    ],
    cases: [[list(start + 2 * step + 2)], [list(20)], [list(start)], [[]]],
    solve: (nums) => nums.filter((_, index) => index >= start && (index - start) % step === 0),
  }
}

function rotateRight(draw: Draw): CodeTask<Numbers> {
  const places = draw.between(4, 40)
  return {
    name: draw.pick(['rotate_list', 'shift_right', 'turn_list', 'cycle_list']),
    parameters: 'nums',
    does: `returns a list turned to the right by ${places} places: the last element moves to the front, and so on ${places} times. The list may be shorter than that, and an empty list stays empty`,
    body: [
      'if not nums:',
      '    return []',
      `k = ${places} % len(nums)`,
      'return nums[-k:] + nums[:-k] if k else list(nums)',
    ],
    bugs: [
      [` % len(nums)`, ''],
      ['nums[-k:] + nums[:-k]', 'nums[k:] + nums[:k]'],
      ['nums[-k:] + nums[:-k]', 'nums[:-k] + nums[-k:]'],
    ],
    cases: [
      [drawList(draw, 7, [1, 99])],
      [drawList(draw, 5, [1, 99])],
      [rangeTo(places + 3)],
      [rangeTo(places - 1)],
      [rangeTo(3)],
      [rangeTo(1)],
      [[]],
    ],
    solve: (nums) => nums.map((_, index) => nums[(index + places * (nums.length - 1)) % nums.length] as number),
  }
}

const rangeTo = (length: number): number[] => Array.from({ length }, (_, index) => index + 1)

function longestRun(draw: Draw): CodeTask<Numbers> {
  const least = draw.between(2, 60)
  const [below, above] = [least - 1, least + 4]
  return {
    name: draw.pick(['longest_run', 'best_streak', 'longest_stretch']),
    parameters: 'nums',
    does: `returns the length of the longest stretch of neighbouring elements of a list that are all at least ${least}. If there is no such element the result is 0`,
    body: [
      'best = run = 0',
      'for n in nums:',
      `    run = run + 1 if n >= ${least} else 0`,
      '    best = max(best, run)',
      'return best',
    ],
    bugs: [
      [`n >= ${least}`, `n > ${least}`],
      [' else 0', ' else run'],
      ['return best', 'return run'],
    ],
    cases: [
      [[least, above, below, above]],
      [drawList(draw, 10, [least - 3, least + 6])],
      [[below, above, least, least, below, above]],
      [[below, below]],
      [[]],
    ],
    solve: (nums) => {
      const marks = nums.map((n) => (n >= least ? 'x' : ' ')).join('')
      return Math.max(...marks.split(' ').map((run) => run.length))
    },
  }
}

function windowMaximum(draw: Draw): CodeTask<Numbers> {
  const [size, none] = [draw.between(2, 6), draw.pick([0, -1])]
  return {
    name: draw.pick(['window_max', 'best_window', 'max_window_sum']),
    parameters: 'nums',
    does: `looks at every group of ${size} neighbouring elements of a list, adds up the elements of each group, and returns the largest of these sums. Sums may be negative. A list with fewer than ${size} elements has no such group; for it the function returns ${none}`,
    body: [
      `if len(nums) < ${size}:`,
      `    return ${none}`,
      `return max(sum(nums[i:i + ${size}]) for i in range(len(nums) - ${size} + 1))`,
    ],
    bugs: [
      [`- ${size} + 1`, `- ${size}`],
      [`i + ${size}]`, `i + ${size - 1}]`],
      ['return max(sum', 'return min(sum'],
    ],
    cases: [
      [[...drawList(draw, size, [1, 9]), 20]],
      [drawList(draw, size + 5, [-20, 30])],
      [[...drawList(draw, size + 1, [-30, -10]), -2]],
      [drawList(draw, size - 1, [1, 9])],
      [drawList(draw, size, [1, 9])],
    ],
    solve: (nums) => {
      if (nums.length < size) return none
      const sums = nums.slice(size - 1).map((_, from) => nums.slice(from, from + size).reduce((sum, n) => sum + n, 0))
      return Math.max(...sums)
    },
  }
}

export const listTasks: readonly Template[] = [
  codeTemplate('sum-divisible', 1, sumDivisible),
  codeTemplate('scale-shift', 1, scaleShift),
  codeTemplate('clamp-range', 2, clampRange),
  codeTemplate('every-kth', 2, everyKth),
  codeTemplate('rotate-right', 3, rotateRight),
  codeTemplate('longest-run', 3, longestRun),
  codeTemplate('window-maximum', 4, windowMaximum),
]
