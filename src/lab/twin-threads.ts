/**
 * @file Memory of the threads that play twins.
 *
 * A twin makes many small things that live for a moment. With three times 64 MB of young generation their collection takes a
 * twentieth of the time; with Node's 16 a sixth (`npm run perf -- train`).
 */
export const twinThreadLimits = { maxYoungGenerationSizeMb: 192 } as const
