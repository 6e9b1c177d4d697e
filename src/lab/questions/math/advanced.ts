/** @file Problems of level 5: counting, number theory, recurrences, systems in words. */
import { people } from '../names.ts'
import type { Draw, Template } from '../template.ts'
import { type MathProblem, mathTemplate } from './math-template.ts'

/** base^exponent mod modulus by repeated squaring; all below 2^26, so that products stay exact. */
function modularPower(base: number, exponent: number, modulus: number): number {
  let [result, square] = [1, base % modulus]
  for (let left = exponent; left > 0; left = Math.floor(left / 2)) {
    if (left % 2 === 1) result = (result * square) % modulus
    square = (square * square) % modulus
  }
  return result
}

const choose = (n: number, k: number): number => {
  let result = 1
  for (let index = 1; index <= k; index += 1) result = (result * (n - k + index)) / index
  return result
}

const gcd = (a: number, b: number): number => (b === 0 ? a : gcd(b, a % b))
const lcm = (a: number, b: number): number => (a / gcd(a, b)) * b

function clockOfPowers(draw: Draw): MathProblem {
  const [base, exponent, marks] = [draw.between(2, 19), draw.between(15, 90), draw.pick([7, 9, 11, 13, 17, 19, 23, 29])]
  const answer = modularPower(base, exponent, marks)
  return {
    text: `A toy has ${marks} lamps in a circle, numbered from 0 to ${marks - 1}, of which exactly one is lit. At the start lamp 1 is lit. Each press of the button moves the light from lamp k to the lamp whose number is the remainder of ${base} times k when divided by ${marks}. The button is pressed ${exponent} times in a row, without a pause. What is the number of the lamp that is lit after the last press?`,
    answer,
    mistakes: [
      (base * exponent) % marks,
      modularPower(base, exponent + 1, marks),
      modularPower(base, exponent - 1, marks),
    ],
  }
}

function lockers(draw: Draw): MathProblem {
  const [a, b, c] = draw.sample([3, 4, 5, 6, 7, 8, 9, 11], 3) as [number, number, number]
  const total = draw.between(120, 900)
  const multiples = (step: number) => Math.floor(total / step)
  const either = multiples(a) + multiples(b) - multiples(lcm(a, b))
  const shut = multiples(lcm(a, c)) + multiples(lcm(b, c)) - multiples(lcm(lcm(a, b), c))
  return {
    text: `A school has ${total} lockers in one long corridor, numbered from 1 upwards, and all of them are shut. First every locker whose number is divisible by ${a} is opened. Then every locker whose number is divisible by ${b} is opened, unless it is open already. At last every locker whose number is divisible by ${c} is shut, whether it was open or not. How many lockers are open in the end?`,
    answer: either - shut,
    mistakes: [either, multiples(a) + multiples(b) - multiples(c), either - multiples(c), multiples(a) + multiples(b)],
  }
}

function committee(draw: Draw): MathProblem {
  const [women, men, seats] = [draw.between(3, 8), draw.between(4, 9), draw.between(3, 4)]
  const all = choose(women + men, seats)
  return {
    text: `A club has ${women} women and ${men} men as members, and nobody else. It must choose a committee of ${seats} members with equal rights, so that the order in which they are chosen makes no difference. The statutes demand that at least one woman and at least one man sit on it. In how many different ways can the committee be chosen?`,
    answer: all - choose(men, seats) - choose(women, seats),
    mistakes: [
      all,
      all - choose(men, seats),
      women * men * choose(women + men - 2, seats - 2),
      all - choose(women, seats),
    ],
  }
}

function pondAlgae(draw: Draw): MathProblem {
  const [start, factor, taken, days] = [draw.between(5, 15), draw.between(2, 3), draw.between(1, 4), draw.between(4, 7)]
  let [amount, swapped] = [start, start]
  for (let day = 0; day < days; day += 1) {
    amount = amount * factor - taken
    swapped = (swapped - taken) * factor
  }
  return {
    text: `The algae in a pond weigh ${start} kg on the first morning. During each day their weight is multiplied by ${factor}, and each evening, after they have grown, the keeper takes out ${taken} kg of them. At night nothing changes. This goes on in the same way for ${days} days, the first day included. How many kilograms of algae are in the pond after the last evening?`,
    answer: amount,
    mistakes: [swapped, start * factor ** days - taken * days, start * factor ** days, amount * factor - taken],
  }
}

function coinJar(draw: Draw): MathProblem {
  const [quarters, nickels] = [draw.between(4, 30), draw.between(5, 60)]
  const [dimes, extra] = [2 * quarters, draw.between(2, 9)]
  const pennies = quarters + extra
  const cents = 25 * quarters + 10 * dimes + 5 * nickels + pennies
  return {
    text: `${draw.pick(people)} keeps a jar with ${quarters + dimes + nickels + pennies} coins in it: pennies, nickels, dimes and quarters, which are worth 1, 5, 10 and 25 cents. There are twice as many dimes as quarters, and there are ${extra} pennies more than quarters. Emptied on the table and counted with care, all the coins together are worth ${cents} cents. How many nickels are in the jar?`,
    answer: nickels,
    mistakes: [quarters, dimes, pennies, nickels + extra, Math.abs(nickels - quarters)],
  }
}

export const advancedMath: readonly Template[] = [
  mathTemplate('clock-of-powers', 5, clockOfPowers),
  mathTemplate('lockers', 5, lockers),
  mathTemplate('committee', 5, committee),
  mathTemplate('pond-algae', 5, pondAlgae),
  mathTemplate('coin-jar', 5, coinJar),
]
