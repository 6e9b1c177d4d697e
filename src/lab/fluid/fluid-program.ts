/**
 * @file The linear program behind a fluid line, solved by column generation.
 *
 * Shares x of each class z on each plan k:   maximise  sum w_z x_zk g_zk   subject to
 *   sum_k x_zk <= 1                              one plan for each question
 *   rate sum w_z x_zk work_zkj <= duty_j         engine time; duties in the hull of what a GPU's engines can do at once
 *   rate sum w_z x_zk kv_zkj <= kvTokens_j       room in the cache
 *
 * n engines at work on one GPU each run at v_n = 1 / (1 + eta (n - 1)). With p_n the share of time in which n are at work
 * and y_nj <= p_n that in which engine j is among them (sum_j y_nj <= n p_n), duty_j <= sum_n v_n y_nj. That is the hull of
 * 0 and of v_n on every set of n engines, without listing the sets: points of the hypersimplex are mixtures of n-sets.
 *
 * There are thousands of plans and few are used, so the program starts without any; each solve prices all plans, and the
 * best of each class joins if it gains. When none gains the optimum is that of the whole program (Dantzig and Wolfe 1960).
 */
import type { Highs, Model, Solution } from 'highs'
import { InframindError, invariant } from '../../core/index.ts'
import type { ClassColumns } from './plan-columns.ts'

/** What the pool can give. Models in the order of the columns' sums. */
export interface Capacity {
  /** By model, over its engines. */
  readonly kvTokens: readonly number[]
  /** By GPU: the model of each of its engines. */
  readonly gpus: readonly (readonly number[])[]
  /** Slowdown of a step per further engine at work on its GPU. */
  readonly eta: number
}

/** Worth and use of every plan for one class of questions. */
export type ProgramClass = Pick<ClassColumns, 'sums' | 'questions'>

export interface FluidProgram {
  readonly classes: readonly ProgramClass[]
  /** By class: which plans may be used, by index. */
  readonly plans: readonly (readonly number[])[]
  /** By class: its share of all queries. They add up to 1. */
  readonly weights: readonly number[]
  readonly ratePerMinute: number
  readonly capacity: Capacity
}

export interface FluidSolution {
  /** Correct and in time, as a fraction of all queries. */
  readonly value: number
  /** By model: what one more unit of duty (the whole engine) would add to `value`. */
  readonly workPrices: readonly number[]
  /** By model: what a cache of twice the size would add, at the margin. */
  readonly kvPrices: readonly number[]
  /** By GPU: what as much of its time again would add, at the margin. */
  readonly gpuPrices: readonly number[]
  /** Plans in use: the share of the class's questions on each. */
  readonly shares: readonly { readonly classIndex: number; readonly plan: number; readonly share: number }[]
}

/** Gain below which a plan is not worth another solve: a hundredth of what a table shows, and above the solver's tolerance. */
const leastGain = 1e-6
const mostRounds = 500

/** Solves `program` to within `leastGain` a class. Throws INVARIANT_VIOLATED where the solver finds no optimum. */
export const solveFluidProgram = (highs: Highs, program: FluidProgram): FluidSolution =>
  highs.withModel((model): FluidSolution => {
    const master = new MasterProgram(highs, model, program)
    for (let round = 0; round < mostRounds; round += 1) {
      const { rowDual } = master.solve()
      const gaining = program.classes.flatMap((_, index) => bestPlan(program, index, rowDual) ?? [])
      if (gaining.length === 0) return master.solution()
      for (const column of gaining) master.addPlan(column)
    }
    throw new InframindError('INVARIANT_VIOLATED', `a fluid line was not solved in ${mostRounds} rounds`)
  })

/** A plan for one class: what the program needs of it. */
interface PlanColumn {
  readonly classIndex: number
  readonly plan: number
}

const widthOf = ({ capacity }: FluidProgram): number => 2 * capacity.kvTokens.length

/** Use of resource `index` (work of each model, then KV of each) by a query on this plan, as a share of what there is. */
function useOf(program: FluidProgram, { classIndex, plan }: PlanColumn, index: number): number {
  const { sums, questions } = program.classes[classIndex]!
  const { kvTokens } = program.capacity
  const used = sums[plan * (1 + widthOf(program)) + 1 + index]! / questions
  const available = index < kvTokens.length ? 1 : kvTokens[index - kvTokens.length]!
  return (used * program.ratePerMinute) / (60_000 * available)
}

function worthOf(program: FluidProgram, { classIndex, plan }: PlanColumn): number {
  const { sums, questions } = program.classes[classIndex]!
  return sums[plan * (1 + widthOf(program))]! / questions
}

/** The plan that gains most at the prices in `rowDual` (classes first, then resources); null: none gains. */
function bestPlan(program: FluidProgram, classIndex: number, rowDual: Float64Array): PlanColumn | null {
  const { classes, plans, weights, ratePerMinute, capacity } = program
  const { sums, questions } = classes[classIndex]!
  const width = widthOf(program)
  const models = capacity.kvTokens.length
  const prices = Float64Array.from({ length: width }, (_, index) => {
    const available = index < models ? 1 : capacity.kvTokens[index - models]!
    return (rowDual[classes.length + index]! * ratePerMinute) / (60_000 * available)
  })
  let [best, bestWorth] = [-1, Number.NEGATIVE_INFINITY]
  for (const plan of plans[classIndex]!) {
    const offset = plan * (1 + width)
    let worth = sums[offset]!
    for (let index = 0; index < width; index += 1) worth -= sums[offset + 1 + index]! * prices[index]!
    if (worth > bestWorth) [best, bestWorth] = [plan, worth]
  }
  const gain = (weights[classIndex]! * bestWorth) / questions - rowDual[classIndex]!
  return gain > leastGain ? { classIndex, plan: best } : null
}

/** The program over the plans that have joined. Rows: classes, work of each model, KV of each model, then the duties'. */
class MasterProgram {
  readonly #highs: Highs
  readonly #model: Model
  readonly #program: FluidProgram
  readonly #used: (PlanColumn & { readonly variable: number })[] = []
  /** By GPU: the row that says that its time is 1. */
  readonly #timeRows: number[] = []
  #rows = 0
  #variables = 0

  constructor(highs: Highs, model: Model, program: FluidProgram) {
    this.#highs = highs
    this.#model = model
    this.#program = program
    model.options.set({ output_flag: false })
    model.changeObjectiveSense(highs.constants.objectiveSense.maximize)
    for (const _ of program.classes) this.#addRow(1)
    for (const _ of program.capacity.kvTokens) this.#addRow(0)
    for (const _ of program.capacity.kvTokens) this.#addRow(1)
    for (const engines of program.capacity.gpus) this.#addGpu(engines)
  }

  solve(): Solution {
    this.#model.run()
    const isSolved = this.#model.getModelStatus() === this.#highs.constants.modelStatus.optimal
    invariant(isSolved, 'a fluid line was not solved')
    return this.#model.getSolution()
  }

  addPlan(column: PlanColumn): void {
    const program = this.#program
    const weight = program.weights[column.classIndex]!
    const entries: [number, number][] = [[column.classIndex, 1]]
    for (let index = 0; index < widthOf(program); index += 1) {
      const use = useOf(program, column, index)
      if (use > 0) entries.push([program.classes.length + index, weight * use])
    }
    this.#used.push({ ...column, variable: this.#addVariable(weight * worthOf(program, column), entries) })
  }

  /** Of the last solve. */
  solution(): FluidSolution {
    const { rowDual, colValue } = this.#model.getSolution()
    const { classes, capacity } = this.#program
    const models = capacity.kvTokens.length
    const duals = [...rowDual.subarray(classes.length, classes.length + 2 * models)].map((dual) => Math.max(0, dual))
    return {
      value: this.#model.getObjectiveValue(),
      workPrices: duals.slice(0, models),
      kvPrices: duals.slice(models),
      gpuPrices: this.#timeRows.map((row) => Math.max(0, rowDual[row]!)),
      shares: this.#used
        .map(({ classIndex, plan, variable }) => ({ classIndex, plan, share: colValue[variable]! }))
        .filter(({ share }) => share > leastGain),
    }
  }

  #addRow(upper: number): number {
    this.#model.addRow(-this.#highs.infinity, upper, { indices: [], values: [] })
    this.#rows += 1
    return this.#rows - 1
  }

  #addVariable(cost: number, entries: readonly (readonly [row: number, value: number])[]): number {
    const indices = entries.map(([row]) => row)
    this.#model.addCol(cost, 0, this.#highs.infinity, { indices, values: entries.map(([, value]) => value) })
    this.#variables += 1
    return this.#variables - 1
  }

  /** Shares of time p_n in which n of `engines` are at work, and y_nj in which engine j is among them. */
  #addGpu(engines: readonly number[]): void {
    const { classes, capacity } = this.#program
    const allTime = this.#addRow(1)
    this.#timeRows.push(allTime)
    for (let atWork = 1; atWork <= engines.length; atWork += 1) {
      const speed = 1 / (1 + capacity.eta * (atWork - 1))
      const places = this.#addRow(0)
      const members = engines.map(() => this.#addRow(0))
      this.#addVariable(0, [[allTime, 1], [places, -atWork], ...members.map((row) => [row, -1] as const)])
      for (const [index, model] of engines.entries()) {
        this.#addVariable(0, [
          [places, 1],
          [members[index]!, 1],
          [classes.length + model, -speed],
        ])
      }
    }
  }
}
