/**
 * @file Binary min-heap whose members can be taken out from anywhere.
 *
 * `push` hands back a node that knows its place in the array, so removing any member costs no search:
 *
 *     nodes[0] <= nodes[1], nodes[2];  children of i: 2i + 1, 2i + 2;  nodes[i].place === i, or -1 once out
 *
 * Order: `key` ascending, then `order` ascending; with distinct orders it is total, so equal inputs always leave alike.
 * Cost: push, pop and remove O(log n); peek O(1); `find` O(k^2) for its k first members, without touching the heap.
 */

/** A member's handle. `place` is the heap's own. */
export interface HeapNode<T> {
  readonly value: T
  readonly key: number
  readonly order: number
  /** Index in the heap's array; -1: not in the heap. */
  place: number
}

/** What a visitor says of a member on its turn: it is the one, look further, or give up. */
export type Visit = 'take' | 'pass' | 'stop'

const precedes = (a: HeapNode<unknown>, b: HeapNode<unknown>): boolean =>
  a.key < b.key || (a.key === b.key && a.order < b.order)

export class IndexedHeap<T> {
  readonly #nodes: HeapNode<T>[] = []
  /** Keys of `#nodes`, side by side: most comparisons need no look at a node. */
  readonly #keys: number[] = []

  get size(): number {
    return this.#nodes.length
  }

  /** `key` must not be NaN; `order` breaks ties and should be unique in this heap. */
  push(value: T, key: number, order: number): HeapNode<T> {
    const node: HeapNode<T> = { value, key, order, place: this.#nodes.length }
    this.#nodes.push(node)
    this.#keys.push(key)
    rise(this.#nodes, this.#keys, node)
    return node
  }

  /** The first member, left in place. */
  peek(): HeapNode<T> | undefined {
    return this.#nodes[0]
  }

  pop(): T | undefined {
    const first = this.#nodes[0]
    if (first === undefined) return undefined
    this.remove(first)
    return first.value
  }

  /** Takes the node out. False: it was out already, or belongs to another heap. */
  remove(node: HeapNode<T>): boolean {
    const { place } = node
    if (place < 0 || this.#nodes[place] !== node) return false
    const last = this.#nodes.pop() as HeapNode<T>
    this.#keys.pop()
    node.place = -1
    if (last === node) return true
    last.place = place
    rise(this.#nodes, this.#keys, last)
    if (last.place === place) sink(this.#nodes, this.#keys, last)
    return true
  }

  /** Members in no particular order. Not to be kept while the heap changes. */
  *values(): Generator<T> {
    for (const node of this.#nodes) yield node.value
  }

  /**
   * Visits members in order until `visit` says `take` (returns that one) or `stop` (returns null); undefined: all passed.
   * `visit` must not change the heap.
   */
  find(visit: (value: T) => Visit): T | null | undefined {
    let node = this.#nodes[0]
    const frontier: HeapNode<T>[] = []
    while (node !== undefined) {
      const verdict = visit(node.value)
      if (verdict !== 'pass') return verdict === 'take' ? node.value : null
      frontier.push(...this.#childrenOf(node))
      node = takeLeast(frontier)
    }
    return undefined
  }

  #childrenOf(node: HeapNode<T>): HeapNode<T>[] {
    return this.#nodes.slice(2 * node.place + 1, 2 * node.place + 3)
  }
}

/** Moves `node` up from its place, which counts as empty, to where it belongs. */
function rise<T>(nodes: HeapNode<T>[], keys: number[], node: HeapNode<T>): void {
  const { key } = node
  let { place } = node
  while (place > 0) {
    const parentPlace = (place - 1) >> 1
    const parentKey = keys[parentPlace] as number
    if (key > parentKey) break
    const parent = nodes[parentPlace] as HeapNode<T>
    if (key === parentKey && node.order > parent.order) break
    nodes[place] = parent
    keys[place] = parentKey
    parent.place = place
    place = parentPlace
  }
  nodes[place] = node
  keys[place] = key
  node.place = place
}

/** Likewise downwards. */
function sink<T>(nodes: HeapNode<T>[], keys: number[], node: HeapNode<T>): void {
  const { key } = node
  const size = nodes.length
  let { place } = node
  for (let childPlace = 2 * place + 1; childPlace < size; childPlace = 2 * place + 1) {
    if (childPlace + 1 < size && isBefore(nodes, keys, childPlace + 1, childPlace)) childPlace += 1
    const childKey = keys[childPlace] as number
    if (key < childKey) break
    const child = nodes[childPlace] as HeapNode<T>
    if (key === childKey && node.order < child.order) break
    nodes[place] = child
    keys[place] = childKey
    child.place = place
    place = childPlace
  }
  nodes[place] = node
  keys[place] = key
  node.place = place
}

function isBefore<T>(nodes: readonly HeapNode<T>[], keys: readonly number[], a: number, b: number): boolean {
  const [aKey, bKey] = [keys[a] as number, keys[b] as number]
  return aKey < bKey || (aKey === bKey && (nodes[a] as HeapNode<T>).order < (nodes[b] as HeapNode<T>).order)
}

/** Removes the first node of a small unordered list and returns it. */
function takeLeast<T>(nodes: HeapNode<T>[]): HeapNode<T> | undefined {
  let least = 0
  for (let index = 1; index < nodes.length; index += 1) {
    if (precedes(nodes[index] as HeapNode<T>, nodes[least] as HeapNode<T>)) least = index
  }
  const taken = nodes[least]
  const last = nodes.pop()
  if (last !== undefined && last !== taken) nodes[least] = last
  return taken
}
