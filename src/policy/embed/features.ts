/** @file The features of a question as queries carry them: embedding and hand-made numbers. */
import type { QueryFeatures } from '../../core/index.ts'
import { handFeatures } from './hand-features.ts'
import { hashText384 } from './hashed-embedder.ts'
import { cacheByText } from './text-cache.ts'

/** Features of a question's text. Cached and shared: do not change the arrays. */
export const createFeatures: (text: string) => QueryFeatures = cacheByText(
  (text) => ({ embedding: hashText384(text), hand: handFeatures(text) }),
  2_048,
)
