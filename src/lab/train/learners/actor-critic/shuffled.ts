/** @file An order to learn in. */

/** 0 to count - 1 in an order drawn by `below`. */
export function shuffled(count: number, below: (n: number) => number): Int32Array {
  const order = Int32Array.from({ length: count }, (_, index) => index)
  for (let last = count - 1; last > 0; last -= 1) {
    const other = below(last + 1)
    const held = order[last] as number
    order[last] = order[other] as number
    order[other] = held
  }
  return order
}
