/** @file Questions on units, clocks and the calendar, levels 1 to 4. */
import { people } from '../names.ts'
import type { Draw, Template } from '../template.ts'
import { type ChoiceProblem, choiceTemplate, numericChoice } from './choice-template.ts'

const two = (value: number): string => String(value).padStart(2, '0')
const minutesPerDay = 1440
/** Minutes since midnight, any day, as a 24-hour clock shows them. */
const clockText = (minutes: number): string => {
  const ofDay = ((minutes % minutesPerDay) + minutesPerDay) % minutesPerDay
  return `${two(Math.floor(ofDay / 60))}:${two(ofDay % 60)}`
}

const months: readonly (readonly [string, number])[] = [
  ['January', 31],
  ['February', 28],
  ['March', 31],
  ['April', 30],
  ['May', 31],
  ['June', 30],
  ['July', 31],
  ['August', 31],
  ['September', 30],
  ['October', 31],
  ['November', 30],
  ['December', 31],
]

/** Day of a year without 29 February, from 1, as a date. Wraps into the next year. */
function dateText(dayOfYear: number): string {
  let left = (dayOfYear - 1 + 365) % 365
  for (const [name, days] of months) {
    if (left < days) return `${left + 1} ${name}`
    left -= days
  }
  return ''
}

const lengthUnits = [
  ['kilometres', 'metres', 1000],
  ['metres', 'centimetres', 100],
  ['metres', 'millimetres', 1000],
  ['tonnes', 'kilograms', 1000],
  ['litres', 'millilitres', 1000],
] as const

function unitLength(draw: Draw): ChoiceProblem {
  const [large, small, factor] = draw.pick(lengthUnits)
  const amount = draw.between(12, 980)
  const tenths = amount * (factor / 10)
  return numericChoice(draw, {
    text: `How many ${small} are ${amount / 10} ${large}?`,
    answer: tenths,
    mistakes: [tenths * 10, tenths / 10, tenths * 100, tenths + factor, tenths - factor, tenths + 10],
  })
}

function unitTime(draw: Draw): ChoiceProblem {
  const [hours, minutes] = [draw.between(1, 11), draw.between(3, 57)]
  const answer = hours * 3600 + minutes * 60
  return numericChoice(draw, {
    text: `How many seconds are ${hours} hours and ${minutes} minutes?`,
    answer,
    mistakes: [hours * 60 + minutes, hours * 3600 + minutes, hours * 60 + minutes * 60, answer + 60, answer - 60],
  })
}

function clockAdd(draw: Draw): ChoiceProblem {
  const [start, hours, minutes] = [draw.between(0, minutesPerDay - 1), draw.between(2, 19), draw.between(5, 55)]
  const end = start + hours * 60 + minutes
  return {
    text: `A ferry leaves at ${clockText(start)} and is on its way for ${hours} hours and ${minutes} minutes. What does a 24-hour clock show when it arrives?`,
    answer: clockText(end),
    mistakes: [60, -60, 10, -10, 720, 100, -100, 40, -40].map((slip) => clockText(end + slip)),
  }
}

function dateAfter(draw: Draw): ChoiceProblem {
  const [start, days] = [draw.between(1, 365), draw.between(35, 250)]
  const slips = [1, -1, 2, -2, 3, -3, 30, -30, 7]
  return {
    text: `${draw.pick(people)} signs a contract on ${dateText(start)} of a year that is not a leap year, and neither is the next. The contract ends exactly ${days} days later. On which date does it end?`,
    answer: dateText(start + days),
    mistakes: slips.map((slip) => dateText(start + days + slip)),
  }
}

function flightZones(draw: Draw): ChoiceProblem {
  const [start, hours, minutes] = [draw.between(0, minutesPerDay - 1), draw.between(3, 14), draw.between(5, 55)]
  const [from, to] = [draw.between(-8, -1), draw.between(1, 10)]
  const zone = (offset: number) => (offset < 0 ? `${-offset} hours behind` : `${offset} hours ahead of`)
  const end = start + hours * 60 + minutes
  const local = end + (to - from) * 60
  const slips = [60, -60, 120, -120, 30, -30, 180]
  return {
    text: `An aeroplane takes off at ${clockText(start)} local time in a city whose clocks are ${zone(from)} Greenwich time. The flight takes ${hours} hours and ${minutes} minutes, and it lands in a city whose clocks are ${zone(to)} Greenwich time. Neither city has summer time on that day. What is the local time there at the moment of landing?`,
    answer: clockText(local),
    // Without the change of zones, and with it the wrong way round; where these meet another slip, one more takes over.
    mistakes: distinctTexts(
      [end, end - (to - from) * 60, ...slips.map((slip) => local + slip), local + 45, local - 45, local + 15],
      local,
    ),
  }
}

/** The first nine clock texts that differ from that of `right` and from each other. */
function distinctTexts(instants: readonly number[], right: number): string[] {
  const texts = new Set(instants.map(clockText))
  texts.delete(clockText(right))
  return [...texts].slice(0, 9)
}

export const measureChoices: readonly Template[] = [
  choiceTemplate('unit-length', 1, unitLength),
  choiceTemplate('unit-time', 1, unitTime),
  choiceTemplate('clock-add', 2, clockAdd),
  choiceTemplate('date-after', 3, dateAfter),
  choiceTemplate('flight-zones', 4, flightZones),
]
