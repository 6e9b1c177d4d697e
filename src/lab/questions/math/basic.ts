/** @file Word problems of levels 1 and 2: one or two steps of everyday arithmetic. */
import { goods, people } from '../names.ts'
import type { Draw, Template } from '../template.ts'
import { type MathProblem, mathTemplate } from './math-template.ts'

function shopTotal(draw: Draw): MathProblem {
  const [first, second] = draw.sample(goods, 2)
  const [a, b, p, q] = [draw.between(2, 12), draw.between(2, 12), draw.between(2, 9), draw.between(2, 9)]
  return {
    text: `${draw.pick(people)} buys ${a} ${first} at ${p} dollars each and ${b} ${second} at ${q} dollars each. How many dollars is that in all?`,
    answer: a * p + b * q,
    mistakes: [(a + b) * (p + q), a * q + b * p, a * p + q, a + b + p + q],
  }
}

function leftOver(draw: Draw): MathProblem {
  const [start, more] = [draw.between(30, 95), draw.between(3, 40)]
  const given = draw.between(4, start - 5)
  const item = draw.pick(goods)
  return {
    text: `${draw.pick(people)} has ${start} ${item}, gives away ${given} and later finds ${more}. How many ${item} are there now?`,
    answer: start - given + more,
    mistakes: [start - given - more, start + given + more, start + given - more, start - given],
  }
}

function equalShare(draw: Draw): MathProblem {
  const [children, each, aside] = [draw.between(3, 9), draw.between(4, 19), draw.between(2, 9)]
  const total = children * each + aside
  return {
    text: `From ${total} ${draw.pick(goods)}, ${aside} are put aside and the rest is shared equally among ${children} children. How many does each child get?`,
    answer: each,
    mistakes: [each + aside, each + 1, each - 1, Math.floor((total + aside) / children)],
  }
}

function fencePerimeter(draw: Draw): MathProblem {
  const [long, wide, gate] = [draw.between(12, 60), draw.between(5, 30), draw.between(1, 4)]
  return {
    text: `A garden is ${long} m long and ${wide} m wide. A fence goes all around it but for a gate of ${gate} m. How many metres of fence?`,
    answer: 2 * (long + wide) - gate,
    mistakes: [2 * (long + wide), long + wide - gate, long * wide - gate, 2 * (long + wide) + gate],
  }
}

function oneStepEquation(draw: Draw): MathProblem {
  const [x, a, b] = [draw.between(2, 25), draw.between(2, 12), draw.between(1, 40)]
  return {
    text: `Solve ${a}x + ${b} = ${a * x + b} for x.`,
    answer: x,
    mistakes: [x + 1, Math.floor((a * x + 2 * b) / a), a * x, x - 1],
  }
}

function discount(draw: Draw): MathProblem {
  const [price, percent, coupon] = [draw.between(3, 20) * 20, draw.pick([5, 10, 15, 20, 25, 30]), draw.between(2, 12)]
  const reduced = price - (price * percent) / 100
  return {
    text: `A coat costs ${price} dollars. In the sale it is ${percent}% cheaper, and a coupon takes off another ${coupon} dollars at the till. How many dollars does ${draw.pick(people)} pay for the coat?`,
    answer: reduced - coupon,
    mistakes: [price - percent - coupon, reduced, reduced + coupon, (price * percent) / 100 - coupon],
  }
}

function missingScore(draw: Draw): MathProblem {
  const scores = [draw.between(50, 95), draw.between(50, 95), draw.between(50, 95), draw.between(50, 95)]
  const sum = scores.reduce((total, score) => total + score, 0)
  const goal = Math.ceil((sum + draw.between(50, 95)) / 5)
  return {
    text: `${draw.pick(people)} has scored ${scores.join(', ')} in the first four tests of the year. What score in the fifth test brings the average of all five to exactly ${goal}?`,
    answer: 5 * goal - sum,
    mistakes: [goal, 4 * goal - sum + goal + 5, Math.round(sum / 4), 5 * goal - sum + 5],
  }
}

function twoLegs(draw: Draw): MathProblem {
  const [h1, v1, h2, v2] = [draw.between(2, 6), draw.between(8, 24) * 5, draw.between(2, 6), draw.between(8, 24) * 5]
  return {
    text: `A lorry drives for ${h1} hours at ${v1} km per hour, stops for a break, and then drives for ${h2} hours at ${v2} km per hour. How many kilometres does it cover in all?`,
    answer: h1 * v1 + h2 * v2,
    mistakes: [(h1 + h2) * (v1 + v2), h1 * v2 + h2 * v1, ((v1 + v2) / 2) * (h1 + h2), v1 + v2],
  }
}

function ratioShare(draw: Draw): MathProblem {
  const [a, unit] = [draw.between(2, 5), draw.between(6, 40)]
  const b = a + draw.between(1, 6)
  const [first, second] = draw.sample(people, 2)
  return {
    text: `${first} and ${second} divide ${(a + b) * unit} dollars in the ratio ${a} to ${b}, ${second} taking the larger part. How many dollars more does ${second} get than ${first}?`,
    answer: (b - a) * unit,
    mistakes: [b * unit, a * unit, (a + b) * unit - b, (b - a + 1) * unit],
  }
}

function ages(draw: Draw): MathProblem {
  const [young, times, years] = [draw.between(4, 14), draw.between(2, 5), draw.between(2, 12)]
  const [first, second] = draw.sample(people, 2)
  return {
    text: `${first} is ${times} times as old as ${second}. In ${years} years their ages will add up to ${(times + 1) * young + 2 * years}. How many years old is ${second} now?`,
    answer: young,
    mistakes: [times * young, young + years, young + 1, young + 2],
  }
}

export const basicMath: readonly Template[] = [
  mathTemplate('shop-total', 1, shopTotal),
  mathTemplate('left-over', 1, leftOver),
  mathTemplate('equal-share', 1, equalShare),
  mathTemplate('fence-perimeter', 1, fencePerimeter),
  mathTemplate('one-step-equation', 1, oneStepEquation),
  mathTemplate('discount', 2, discount),
  mathTemplate('missing-score', 2, missingScore),
  mathTemplate('two-legs', 2, twoLegs),
  mathTemplate('ratio-share', 2, ratioShare),
  mathTemplate('ages', 2, ages),
]
