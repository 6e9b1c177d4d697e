/** @file Python tasks that need an algorithm, levels 2 to 5. */
import type { Draw, Template } from '../template.ts'
import { type CodeTask, codeTemplate, drawList } from './code-template.ts'

function digitPowers(draw: Draw): CodeTask<[number]> {
  const [power, factor] = [draw.between(2, 4), draw.between(1, 20)]
  const weight = factor === 1 ? '' : `, multiplies this sum by ${factor}`
  return {
    name: draw.pick(['digit_powers', 'digit_score', 'sum_of_powers']),
    parameters: 'n',
    does: `takes a whole number that is not negative, raises each of its decimal digits to the power ${power}, adds up the results${weight} and returns what comes out`,
    body: [`return ${factor} * sum(int(d) ** ${power} for d in str(n))`],
    bugs: [
      [`int(d) ** ${power}`, `int(d) * ${power}`],
      [`sum(int(d) ** ${power} for d in str(n))`, `sum(int(d) for d in str(n)) ** ${power}`],
      ['in str(n)', 'in set(str(n))'],
    ],
    cases: [[335], [draw.between(100, 99_999)], [0], [7_007], [draw.between(1, 99)]],
    solve: (n) => factor * [...String(n)].reduce((sum, digit) => sum + Number(digit) ** power, 0),
  }
}

function mergeIntervals(draw: Draw): CodeTask<[number[][]]> {
  const gap = draw.between(1, 25)
  return {
    name: draw.pick(['merge_spans', 'join_intervals', 'merge_ranges', 'combine_spans']),
    parameters: 'spans',
    does: `gets a list of [start, end] pairs in any order and merges all those that overlap, touch, or leave a gap of at most ${gap} between the end of one and the start of the next. It returns the merged pairs as a list of lists, sorted by their start, and does not change its argument`,
    body: [
      'out = []',
      'for start, end in sorted(spans):',
      `    if out and start <= out[-1][1] + ${gap}:`,
      '        out[-1][1] = max(out[-1][1], end)',
      '    else:',
      '        out.append([start, end])',
      'return out',
    ],
    bugs: [
      [` + ${gap}:`, ':'],
      ['max(out[-1][1], end)', 'end'],
      ['sorted(spans)', 'spans'],
    ],
    cases: [
      [
        [
          [0, 4],
          [4 + gap, 9 + gap],
          [20 + 3 * gap, 21 + 3 * gap],
        ],
      ],
      [
        [
          [40, 50],
          [0, 90],
          [91 + gap, 95 + gap],
        ],
      ],
      [
        [
          [60 + gap, 70 + gap],
          [1, 5],
          [3, 8],
        ],
      ],
      [[]],
    ].map(([spans]) => [spans as number[][]]),
    solve: (spans) => {
      const merged: number[][] = []
      for (const [start = 0, end = 0] of [...spans].sort((a, b) => (a[0] ?? 0) - (b[0] ?? 0))) {
        const last = merged.at(-1)
        if (last && start - (last[1] ?? 0) <= gap)
          merged[merged.length - 1] = [last[0] ?? 0, Math.max(last[1] ?? 0, end)]
        else merged.push([start, end])
      }
      return merged
    },
  }
}

function toBase(draw: Draw): CodeTask<[number]> {
  const [base, width] = [draw.between(2, 9), draw.between(3, 9)]
  return {
    name: draw.pick(['to_base', 'write_in_base', 'digits_in_base']),
    parameters: 'n',
    does: `returns a whole number that is not negative as a string of its digits in base ${base}, the most significant digit first, filled up with zeros on the left to at least ${width} characters. Longer numbers are not cut, and the function must not rely on any conversion to other bases that Python brings along`,
    body: [
      "out = ''",
      'while n:',
      `    out = str(n % ${base}) + out`,
      `    n //= ${base}`,
      `return '0' * (${width} - len(out)) + out`,
    ],
    bugs: [
      [`str(n % ${base}) + out`, `out + str(n % ${base})`],
      [`'0' * (${width} - len(out)) + out`, 'out'],
      ['while n:', 'while n > 1:'],
    ],
    cases: [[base + 1], [draw.between(200, 90_000)], [0], [base ** width], [1], [2 * base]],
    solve: (n) => n.toString(base).padStart(width, '0'),
  }
}

function gridPaths(draw: Draw): CodeTask<[number, number]> {
  const step = draw.between(2, 60)
  // Blocked where row * column + row is a positive multiple of the step: the first row stays free.
  const isBlocked = (row: number, column: number) => row > 0 && (row * (column + 1)) % step === 0
  const solve = (rows: number, columns: number): number => {
    const from = (row: number, column: number): number => {
      if (row >= rows || column >= columns || isBlocked(row, column)) return 0
      if (row === rows - 1 && column === columns - 1) return 1
      return from(row + 1, column) + from(row, column + 1)
    }
    return from(0, 0)
  }
  return {
    name: draw.pick(['grid_paths', 'count_paths', 'routes']),
    parameters: 'rows, cols',
    does: `counts the ways through a grid from its upper left cell to its lower right cell when each move goes one cell down or one cell to the right. Rows and columns are numbered from 0. A cell in row r and column c may not be entered if r is greater than 0 and r * (c + 1) is divisible by ${step}; if the last cell is such a cell there is no way at all and the result is 0. Both arguments are at least 1`,
    body: [
      'ways = [0] * cols',
      'ways[0] = 1',
      'for r in range(rows):',
      '    for c in range(cols):',
      `        if r > 0 and r * (c + 1) % ${step} == 0:`,
      '            ways[c] = 0',
      '        elif c > 0:',
      '            ways[c] += ways[c - 1]',
      'return ways[-1]',
    ],
    bugs: [
      ['ways[c] += ways[c - 1]', 'ways[c] = ways[c - 1]'],
      ['return ways[-1]', 'return sum(ways)'],
      [`% ${step} == 0`, `% ${step} == 1`],
    ],
    cases: [
      [3, 4],
      [6, 6],
      [2, 7],
      [5, 3],
      [1, 5],
      [step + 1, 2],
      [2, step],
      [2, step + 1],
      [7, 5],
    ],
    solve,
  }
}

function fewestCoins(draw: Draw): CodeTask<[number]> {
  const coins = [draw.between(2, 3), ...draw.sample([4, 5, 6, 7, 8, 9, 10, 11, 12], 2)].sort((a, b) => a - b)
  const solve = (amount: number): number => {
    let [reached, count] = [new Set([0]), 0]
    while (reached.size > 0 && !reached.has(amount)) {
      reached = new Set([...reached].flatMap((sum) => coins.map((coin) => sum + coin)).filter((sum) => sum <= amount))
      count += 1
    }
    return reached.has(amount) ? count : -1
  }
  return {
    name: draw.pick(['fewest_coins', 'min_coins', 'change']),
    parameters: 'amount',
    does: `returns the smallest number of coins that together are worth exactly the given amount, if there are coins of ${coins[0]}, ${coins[1]} and ${coins[2]} cents and as many of each as one likes. The amount is a whole number of cents and not negative; nothing has to be paid for an amount of 0. If the amount cannot be made up from these coins at all the function returns -1`,
    body: [
      'best = [0] + [None] * amount',
      'for total in range(1, amount + 1):',
      `    found = [best[total - c] for c in ${JSON.stringify(coins).replaceAll(',', ', ')} if c <= total and best[total - c] is not None]`,
      '    best[total] = min(found) + 1 if found else None',
      'return -1 if best[amount] is None else best[amount]',
    ],
    bugs: [
      [`, ${coins[2]}]`, ']'],
      ['return -1 if best[amount] is None else best[amount]', 'return best[amount]'],
      ['min(found) + 1', 'min(found)'],
    ],
    cases: [[coins[2] as number], [draw.between(20, 60)], [draw.between(61, 90)], [1], [0], [(coins[0] as number) * 3]],
    solve,
  }
}

function risingSteps(draw: Draw): CodeTask<[number[]]> {
  const rise = draw.between(2, 30)
  return {
    name: draw.pick(['rising_steps', 'longest_climb', 'growing_part']),
    parameters: 'nums',
    does: `finds the largest number of elements that can be kept when elements of a list are crossed out so that, of those which remain, in their old order, each one is greater than the one before it by at least ${rise}. It returns this number; for an empty list it is 0. The list has at most a few hundred elements, so a simple solution that compares all pairs is fast enough`,
    body: [
      'best = []',
      'for i, n in enumerate(nums):',
      `    best.append(1 + max([best[j] for j in range(i) if n - nums[j] >= ${rise}], default=0))`,
      'return max(best, default=0)',
    ],
    bugs: [
      [`>= ${rise}`, `> ${rise}`],
      [`>= ${rise}`, '> 0'],
      ['return max(best, default=0)', 'return best[-1] if best else 0'],
    ],
    cases: [
      [[0, rise, 1, 2 * rise, rise + 1, 0]],
      [drawList(draw, 9, [0, 6 * rise])],
      [[5, 6, 7, 8]],
      [[3 * rise, 2 * rise, rise]],
      [[]],
    ],
    solve: (nums) => {
      const climb = (from: number, last: number): number => {
        if (from === nums.length) return 0
        const value = nums[from] as number
        const without = climb(from + 1, last)
        return value - last >= rise ? Math.max(without, 1 + climb(from + 1, value)) : without
      }
      return climb(0, -Infinity)
    },
  }
}

export const algorithmTasks: readonly Template[] = [
  codeTemplate('digit-powers', 2, digitPowers),
  codeTemplate('to-base', 4, toBase),
  codeTemplate('merge-intervals', 4, mergeIntervals),
  codeTemplate('grid-paths', 5, gridPaths),
  codeTemplate('fewest-coins', 5, fewestCoins),
  codeTemplate('rising-steps', 5, risingSteps),
]
