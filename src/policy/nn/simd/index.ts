/** @file The loops of the networks in vector instructions. */
export { type PlacedNetwork, placeLinear, placeNamedBlock, placeNamedLinear, placeNamedNorm } from './layers.ts'
export { hasSimd, openSimdSpace, SimdSpace } from './simd-space.ts'
