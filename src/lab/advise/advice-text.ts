/** @file Advice for people: short tables, each with a sentence that says what follows from it. */
import type { Advice, SimulatedAdvice } from './advice.ts'
import { diversityText, gradedText } from './diversity-text.ts'
import { roleText } from './role-text.ts'
import { provenWithin, worthKeeping } from './search.ts'
import { percent, points, pointsOrNone, textColumns } from './text-columns.ts'

type RateAdvice = Advice['pool']['byRate'][number]

/** The whole of it, line by line. */
export const adviceText = (advice: Advice): readonly string[] => [
  ...headText(advice),
  '',
  ...poolText(advice),
  '',
  ...modelText(advice),
  '',
  ...searchText(advice),
  '',
  ...diversityText(advice),
  ...(advice.graded === null ? [] : ['', ...gradedText(advice.graded)]),
  '',
  ...roleText(advice.roles),
]

function headText({ basis }: Advice): readonly string[] {
  const mix = Object.entries(basis.mix).map(([domain, share]) => `${domain} ${Math.round(100 * share)} %`)
  const memory = `memory of a GPU: ${basis.gpuMemory}`
  const { length } = basis.memoryAssumed
  return [
    `Advice on ${basis.models.length} models for ${basis.gpus} GPUs: ${basis.ratesPerMinute.join(', ')} queries a minute, ` +
      `${basis.budgetsSeconds.join(', ')} s for each; ${mix.join(', ')}`,
    `(${basis.note};`,
    ' values are optima of a linear program without queues: an upper line, and no forecast;',
    ` ${memory}${length === 0 ? '' : `; memory of ${length} models assumed from their names`})`,
  ]
}

/** Prices below it are rounding. */
const leastPrice = 0.0005

function poolText({ pool, basis }: Advice): readonly string[] {
  const lines = [
    `1. The pool as it is: ${percent(pool.goodput)} right and in time; ` +
      `${percent(pool.goodputWithHeadroom)} at ${basis.headroomFactor} times the traffic.`,
  ]
  if (pool.simulated !== null) lines.push(`   ${simulatedText(pool.simulated)}`)
  for (const rate of pool.byRate) lines.push(...priceText(rate))
  return lines
}

function priceText(rate: RateAdvice): readonly string[] {
  const { ratePerMinute, engines, gpus } = rate
  const short = gpus.filter(({ perGpu }) => perGpu >= leastPrice).sort((a, b) => b.perGpu - a.perGpu)
  const caches = engines.filter(({ perCache }) => perCache >= leastPrice)
  const says =
    short.length === 0
      ? `At ${ratePerMinute} a minute (${percent(rate.goodput)}) no engine is short: more of any would win less than 0.05 points.`
      : `At ${ratePerMinute} a minute (${percent(rate.goodput)}) ${short[0]!.id} is the shortest; prices for a little more:`
  const cacheSays = caches.map(
    ({ model, perCache }) => `   The cache of ${model} is short: twice its size ${points(perCache)} points.`,
  )
  if (short.length === 0) return [`   ${says}`, ...cacheSays]
  const priced = engines.filter(({ perEngine }) => perEngine >= leastPrice)
  const ofEngines = priced.map(({ model, perSlot, perEngine, answersPerMinutePerEngine, answersPerSecond }) => [
    model,
    (100 * perSlot).toFixed(2),
    (100 * perEngine).toFixed(1),
    answersPerMinutePerEngine.toFixed(1),
    answersPerSecond.toFixed(3),
  ])
  const ofGpus = short.map(({ id, engines: on, perGpu, answersPerMinute }) => [
    `${id} (${on.length} engines)`,
    '',
    (100 * perGpu).toFixed(1),
    answersPerMinute.toFixed(1),
    (answersPerMinute / 60).toFixed(3),
  ])
  const heads = ['one more', 'slot, points', 'whole, points', 'right answers/min', 'per second of it']
  return [`   ${says}`, ...textColumns(heads, [...ofEngines, ...ofGpus]), ...cacheSays]
}

function modelText({ models }: Advice): readonly string[] {
  const rows = models.map(({ model, replicas, usedShare, without, oneLess, oneMore }) => [
    model,
    String(replicas),
    percent(usedShare),
    points(without),
    pointsOrNone(oneLess),
    points(oneMore),
  ])
  const idle = models.filter(({ replicas, without }) => replicas > 0 && without > -leastPrice)
  const wanted = models.reduce((best, each) => (each.oneMore > best.oneMore ? each : best))
  const says = [
    idle.length === 0
      ? 'Every model earns its place.'
      : `Each of these could go alone without a loss: ${idle.map(({ model }) => model).join(', ')}.`,
    wanted.oneMore < leastPrice
      ? 'No further replica would win anything.'
      : `A further replica is worth most for ${wanted.model} (${points(wanted.oneMore)}).`,
  ]
  return [
    `2. What each model adds, in points. ${says.join(' ')}`,
    ...textColumns(['model', 'replicas', 'used by', 'without it', 'one less', 'one more, own GPU'], rows),
  ]
}

function searchText({ search, pool, basis }: Advice): readonly string[] {
  const { configurations, isExhaustive } = search
  const [best] = configurations
  if (best === undefined) return []
  const rows = configurations.map(({ replicas, goodput, goodputWithHeadroom, gain, simulated }, index) => [
    `${index + 1}.`,
    percent(goodput),
    points(gain),
    percent(goodputWithHeadroom),
    simulated === null ? '-' : gainText(simulated),
    Object.entries(replicas)
      .map(([model, count]) => `${count} x ${model}`)
      .join(', '),
  ])
  const proof = isExhaustive
    ? `No placement that fits is better than the first by more than ${(100 * provenWithin).toFixed(2)} points.`
    : 'Searched, not proven: there may be better placements.'
  return [
    `3. What to host. ${gainSays(best, basis)}`,
    ...textColumns(['', 'value', 'gain', `at ${basis.headroomFactor} x`, 'gain in the twin', '<replicas'], rows),
    ...best.gpus.map((load, gpu) => `   1. on GPU ${gpu + 1}: ${load.length === 0 ? 'nothing' : load.join(', ')}`),
    `   ${proof} Engines worth less than ${(100 * worthKeeping).toFixed(2)} points are left out.`,
    `   ${pool.simulated === null ? 'Queues may turn the order: --simulate plays the pool and the first two.' : twinSays(configurations)}`,
  ]
}

type ConfigurationAdvice = Advice['search']['configurations'][number]

function gainSays(
  { gain, gainWithHeadroom, gpus }: ConfigurationAdvice,
  { gpus: count, headroomFactor }: Advice['basis'],
) {
  const used = gpus.filter((load) => load.length > 0).length
  if (gainWithHeadroom >= leastPrice)
    return `The best found wins ${points(gainWithHeadroom)} points over the pool as it is at ${headroomFactor} times the traffic, ${points(gain)} at the traffic itself.`
  const says =
    gainWithHeadroom > -leastPrice
      ? 'Nothing on these GPUs is better than the pool as it is'
      : 'These GPUs hold less than the pool as it is'
  return `${says}${used < count ? `; ${used} of ${count} GPUs would do` : ''}.`
}

/** What the twin says of those that it played. */
function twinSays(configurations: readonly ConfigurationAdvice[]): string {
  const played = configurations.flatMap(({ simulated }, index) =>
    simulated?.gain == null || simulated.gainMargin === null
      ? []
      : [{ place: index + 1, gain: simulated.gain, margin: simulated.gainMargin }],
  )
  const best = played.reduce((a, b) => (b.gain > a.gain ? b : a))
  return best.gain > best.margin
    ? `In the twin ${best.place}. is better than the pool as it is; where value and twin disagree, queues and policies decide: believe the twin.`
    : 'In the twin none of those played is better than the pool as it is.'
}

const simulatedText = ({ goodput, margin, onTime, queries }: SimulatedAdvice): string =>
  `In the twin, queues and all: ${percent(goodput)} ± ${(100 * margin).toFixed(1)}, ${percent(onTime)} in time (${queries} queries, default policies).`

/** Against the pool as it is. */
const gainText = ({ gain, gainMargin, goodput }: SimulatedAdvice): string =>
  gain === null || gainMargin === null ? percent(goodput) : `${points(gain)} ± ${(100 * gainMargin).toFixed(1)}`
