/**
 * @file Memory of one network, and the kernels that work in it: what is placed here is named by its address.
 *
 * Each network has an instance, and so a memory, of its own; they share one compiled module. Places are handed out one after
 * the other and given back together, when the network is. Where the platform has no vector instructions, or limits address
 * space (`ulimit -v`), there is no space, and the plain kernels serve.
 */
import { invariant } from '../../../core/index.ts'
import { kernelModule, type SimdKernels } from './kernels.ts'

/** What is used of the platform's WebAssembly: the language's own types do not have it. */
interface WasmPlatform {
  validate(bytes: Uint8Array): boolean
  readonly Module: new (bytes: Uint8Array) => object
  readonly Instance: new (module: object) => { readonly exports: unknown }
}

const { WebAssembly: platform } = globalThis as { WebAssembly?: WasmPlatform }
const pageBytes = 65_536
const floatBytes = 4

let compiled: object | null | undefined

/** The module, compiled on first use; null where it cannot run. */
function moduleOf(wasm: WasmPlatform): object | null {
  if (compiled !== undefined) return compiled
  const bytes = kernelModule()
  compiled = wasm.validate(bytes) ? new wasm.Module(bytes) : null
  return compiled
}

export const hasSimd = (): boolean => platform !== undefined && moduleOf(platform) !== null

/** Null where there are no vector instructions, or no address space for one more memory: some 10 GB of it are set aside for each. */
export function openSimdSpace(): SimdSpace | null {
  if (!hasSimd()) return null
  try {
    return new SimdSpace()
  } catch (error) {
    if (error instanceof RangeError) return null
    throw error
  }
}

/** A multiple of 4, not less than `count`: rows of so many numbers can be read four at a time. */
export const paddedTo4 = (count: number): number => 4 * Math.ceil(count / 4)

export class SimdSpace {
  readonly kernels: SimdKernels
  #numbers: Float32Array
  #usedBytes = 0

  /** Throws `INVARIANT_VIOLATED` where the platform has no vector instructions. */
  constructor() {
    const module = platform ? moduleOf(platform) : null
    invariant(platform !== undefined && module !== null, 'this platform has no vector instructions')
    this.kernels = new platform.Instance(module).exports as SimdKernels
    this.#numbers = new Float32Array(this.kernels.memory.buffer)
  }

  /** All of the memory; another array after each `take`. The number at an address is that at a quarter of it. */
  get numbers(): Float32Array {
    return this.#numbers
  }

  /** Address of room for `count` numbers, all 0. */
  take(count: number): number {
    const address = this.#usedBytes
    this.#usedBytes += floatBytes * paddedTo4(count)
    const missingBytes = this.#usedBytes - this.#numbers.byteLength
    if (missingBytes > 0) {
      this.kernels.memory.grow(Math.ceil(missingBytes / pageBytes))
      this.#numbers = new Float32Array(this.kernels.memory.buffer)
    }
    return address
  }

  /** Address of a copy of `values`, rows of `columns` numbers, each row padded with zeros to a multiple of 4. */
  place(values: Float32Array, columns = values.length): number {
    const width = paddedTo4(columns)
    const address = this.take((values.length / columns) * width)
    for (let from = 0, to = address / floatBytes; from < values.length; from += columns, to += width)
      this.#numbers.set(values.subarray(from, from + columns), to)
    return address
  }

  /** Copies the first `count` of `values` to an address. */
  write(values: Float32Array, count: number, address: number): void {
    const to = address / floatBytes
    const numbers = this.#numbers
    // A view of the part and one copy of it would allocate the view.
    for (let index = 0; index < count; index += 1) numbers[to + index] = values[index]!
  }

  /** The first `count` numbers at an address, until the next `take`. */
  view(address: number, count: number): Float32Array {
    return this.#numbers.subarray(address / floatBytes, address / floatBytes + count)
  }
}
