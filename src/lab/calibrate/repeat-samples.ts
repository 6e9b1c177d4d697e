/**
 * @file What several answers of one model to one question tell: how alike they are, what a vote gains, what agreement means.
 *
 * All of it is exact over the answers held: a vote of k is averaged over every subset of k, and agreement over every
 * pair. A tie of a vote is split evenly among the answers that lead.
 *
 * Cost: a question with n samples has C(n, k) subsets (252 for 5 of 10), gone through once per pattern of counts.
 */
import { mean } from '../../core/index.ts'

/** Answers of one model to one question. */
export interface RepeatedAnswers {
  readonly answers: readonly string[]
  readonly key: string
}

const isRight = ({ key }: RepeatedAnswers, answer: string): boolean => answer === key
const rightCount = (question: RepeatedAnswers): number =>
  question.answers.filter((answer) => isRight(question, answer)).length

/** Share of right ones among all answers; a question counts by how often it was answered. */
export function accuracyOf(questions: readonly RepeatedAnswers[]): number {
  const answered = questions.reduce((sum, { answers }) => sum + answers.length, 0)
  return questions.reduce((sum, question) => sum + rightCount(question), 0) / answered
}

/**
 * Intraclass correlation of being right, from one-way analysis of variance: (MSB - MSW) / (MSB + (n0 - 1) MSW), with
 * n0 = (N - sum n_i^2 / N) / (questions - 1), so that questions may have unequal numbers of answers.
 *
 * Source: ICC(1), Shrout and Fleiss 1979; n0 as Donner and Koval 1980.
 */
export function intraclassCorrelation(questions: readonly RepeatedAnswers[]): number {
  const p = accuracyOf(questions)
  let [answered, squares, between, within] = [0, 0, 0, 0]
  for (const question of questions) {
    const samples = question.answers.length
    const share = rightCount(question) / samples
    answered += samples
    squares += samples ** 2
    between += samples * (share - p) ** 2
    within += samples * share * (1 - share)
  }
  const typicalSamples = (answered - squares / answered) / (questions.length - 1)
  const meanBetween = between / (questions.length - 1)
  const meanWithin = within / (answered - questions.length)
  return (meanBetween - meanWithin) / (meanBetween + (typicalSamples - 1) * meanWithin)
}

/** Accuracy of the plurality of `size` answers. Questions with fewer answers are left out. */
export function voteAccuracy(questions: readonly RepeatedAnswers[], size: number): number {
  const known = new Map<string, number>()
  const shareOf = (question: RepeatedAnswers): number => {
    const pattern = patternOf(question)
    const share = known.get(pattern) ?? voteShare(question, size)
    known.set(pattern, share)
    return share
  }
  return mean(questions.filter(({ answers }) => answers.length >= size).map(shareOf))
}

/** All that a vote depends on: how often the key came, and how often each other answer, whatever it says. */
function patternOf(question: RepeatedAnswers): string {
  const others = [...countsOf(question.answers)].flatMap(([answer, count]) => (answer === question.key ? [] : [count]))
  return `${rightCount(question)}|${others.sort((a, b) => a - b).join()}`
}

function countsOf(answers: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (const answer of answers) counts.set(answer, (counts.get(answer) ?? 0) + 1)
  return counts
}

function voteShare(question: RepeatedAnswers, size: number): number {
  let [subsets, right] = [0, 0]
  forEachSubset(question.answers, size, (chosen) => {
    subsets += 1
    right += creditOf(question, chosen)
  })
  return right / subsets
}

/** 1 where the key alone leads, its share of the leaders on a tie, else 0. */
function creditOf(question: RepeatedAnswers, chosen: readonly string[]): number {
  const votes = countsOf(chosen)
  const most = Math.max(...votes.values())
  if (votes.get(question.key) !== most) return 0
  return 1 / [...votes.values()].filter((count) => count === most).length
}

function forEachSubset(items: readonly string[], size: number, visit: (chosen: readonly string[]) => void): void {
  const chosen: string[] = []
  const extend = (from: number): void => {
    if (chosen.length === size) {
      visit(chosen)
      return
    }
    for (let next = from; next <= items.length - (size - chosen.length); next += 1) {
      chosen.push(items[next]!)
      extend(next + 1)
      chosen.pop()
    }
  }
  extend(0)
}

export interface Agreement {
  /** Share of pairs that agree. */
  readonly agreeFraction: number
  readonly rightWhenAgreed: number
  /** That one of the pair, taken at random, is right. */
  readonly rightWhenNot: number
}

/** Over all pairs of answers to one question by one model; every pair counts alike. */
export function pairAgreement(questions: readonly RepeatedAnswers[]): Agreement {
  let [agreed, rightAgreed, apart, rightApart] = [0, 0, 0, 0]
  for (const question of questions) {
    forEachSubset(question.answers, 2, (pair) => {
      const right = pair.filter((answer) => isRight(question, answer)).length / 2
      if (pair[0] === pair[1]) {
        agreed += 1
        rightAgreed += right
      } else {
        apart += 1
        rightApart += right
      }
    })
  }
  return {
    agreeFraction: agreed / (agreed + apart),
    rightWhenAgreed: rightAgreed / agreed,
    rightWhenNot: rightApart / apart,
  }
}
