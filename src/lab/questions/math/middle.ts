/** @file Word problems of levels 3 and 4: several steps, an equation to set up. */
import { people } from '../names.ts'
import type { Draw, Template } from '../template.ts'
import { type MathProblem, mathTemplate } from './math-template.ts'

function ticketSale(draw: Draw): MathProblem {
  const [adults, children] = [draw.between(20, 90), draw.between(20, 120)]
  const childPrice = draw.between(3, 8)
  const adultPrice = childPrice + draw.between(2, 9)
  return {
    text: `For a school play ${adults + children} tickets were sold, some to adults at ${adultPrice} dollars and the others to children at ${childPrice} dollars. Together they brought in ${adults * adultPrice + children * childPrice} dollars. How many adult tickets were sold?`,
    answer: adults,
    mistakes: [children, Math.round((adults + children) / 2), adults + childPrice, adults - adultPrice],
  }
}

function pipesTogether(draw: Draw): MathProblem {
  const [p, q, unit] = [draw.between(1, 4), draw.between(2, 5), draw.between(2, 9)]
  // a = u p (p + q) and b = u q (p + q) fill together in ab / (a + b) = u p q.
  const [a, b] = [unit * p * (p + q), unit * q * (p + q)]
  return {
    text: `One pipe alone fills an empty tank in ${a} minutes, a second pipe alone fills the same tank in ${b} minutes. Both are opened at the same moment and stay open until the tank is full. How many minutes does that take?`,
    answer: unit * p * q,
    mistakes: [(a + b) / 2, a + b, Math.abs(a - b), (a + b) / 4],
  }
}

function theatreSeats(draw: Draw): MathProblem {
  const [first, more, rows] = [draw.between(10, 30), draw.between(2, 5), draw.between(8, 25)]
  const last = first + (rows - 1) * more
  return {
    text: `The first row of a theatre has ${first} seats, and every row behind has ${more} seats more than the row before it. There are ${rows} rows altogether, and on the opening night every seat is taken. How many people are seated?`,
    answer: (rows * (first + last)) / 2,
    mistakes: [(rows * (first + last + more)) / 2, rows * first, rows * last, last, rows * (first + more)],
  }
}

function upAndDown(draw: Draw): MathProblem {
  const [price, up, down] = [draw.between(2, 30) * 100, draw.pick([5, 10, 20, 25, 30]), draw.pick([5, 10, 20, 40])]
  return {
    text: `In January a shop raises the price of a bicycle, which was ${price} dollars, by ${up}%. In March the new price is lowered by ${down}%, and it stays there for the rest of the year. What is the price in dollars at the end of the year?`,
    answer: (price * (100 + up) * (100 - down)) / 10_000,
    mistakes: [(price * (100 + up - down)) / 100, (price * (100 + up)) / 100, (price * (100 - down)) / 100],
  }
}

function nextWithRemainder(draw: Draw): MathProblem {
  const [divisor, from] = [draw.between(6, 23), draw.between(100, 900)]
  const remainder = draw.between(1, divisor - 1)
  const answer = from + 1 + ((((remainder - from - 1) % divisor) + divisor) % divisor)
  return {
    text: `${draw.pick(people)} packs eggs into boxes of ${divisor} and always has ${remainder} left over at the end. There are more than ${from} eggs, and no smaller number above ${from} would leave the same rest. How many eggs are there?`,
    answer,
    mistakes: [answer + divisor, answer - remainder, answer - divisor, from + remainder],
  }
}

function dilution(draw: Draw): MathProblem {
  const [weak, factor, unit] = [draw.between(5, 20), draw.between(2, 4), draw.between(2, 15)]
  const [strong, litres] = [weak * factor, unit * 2]
  return {
    text: `A laboratory keeps ${litres} litres of a cleaning solution that is ${strong}% acid by volume. For another use it must be thinned with pure water until only ${weak}% of it is acid. Nothing is poured away and nothing evaporates meanwhile. How many litres of water have to be added?`,
    answer: litres * (factor - 1),
    mistakes: [litres * factor, litres, strong - weak, litres + factor],
  }
}

function sumAndProduct(draw: Draw): MathProblem {
  const small = draw.between(3, 30)
  const large = small + draw.between(2, 25)
  return {
    text: `The two sides of a rectangular field are whole numbers of metres. Walking once around the whole field means walking ${2 * (small + large)} m, and its area is ${small * large} square metres. The owner wants to lay a path along one of the longer sides only. How many metres long is that path?`,
    answer: large,
    mistakes: [small, large - small, small + large, Math.round((small + large) / 2)],
  }
}

function headStart(draw: Draw): MathProblem {
  const [slow, gap, hours] = [draw.between(8, 16) * 5, draw.between(2, 8) * 5, draw.between(2, 6)]
  const lead = hours * gap
  return {
    text: `A bus leaves the depot and travels at a steady ${slow} km per hour. When it is already ${lead} km away, a car sets off after it on the same road at a steady ${slow + gap} km per hour. Neither of them stops on the way. How many kilometres from the depot does the car catch up with the bus?`,
    answer: hours * (slow + gap),
    mistakes: [hours * slow, lead + slow, hours * gap, hours * (slow + gap) + lead],
  }
}

function bakerProfit(draw: Draw): MathProblem {
  const [loaves, full, cost, price] = [draw.between(8, 20) * 10, draw.between(5, 8), draw.between(1, 3), 6]
  const rent = draw.between(20, 90)
  const sold = (loaves * full) / 10
  const income = sold * price + (loaves - sold) * (price / 2)
  return {
    text: `A baker bakes ${loaves} loaves a day. The flour and the oven cost ${cost} dollars a loaf, and the stall costs ${rent} dollars a day. In the morning ${full * 10}% of the loaves are sold at ${price} dollars each, and in the evening all the others go at half of that price. How many dollars of profit are left on such a day?`,
    answer: income - loaves * cost - rent,
    mistakes: [income - loaves * cost, income - rent, loaves * (price - cost) - rent, income],
  }
}

export const middleMath: readonly Template[] = [
  mathTemplate('ticket-sale', 3, ticketSale),
  mathTemplate('pipes-together', 3, pipesTogether),
  mathTemplate('theatre-seats', 3, theatreSeats),
  mathTemplate('up-and-down', 3, upAndDown),
  mathTemplate('next-with-remainder', 3, nextWithRemainder),
  mathTemplate('dilution', 4, dilution),
  mathTemplate('sum-and-product', 4, sumAndProduct),
  mathTemplate('head-start', 4, headStart),
  mathTemplate('baker-profit', 4, bakerProfit),
]
