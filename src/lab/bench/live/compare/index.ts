/** @file A live result held against the twin. */
export { type ComparedCell, type ComparedMetric, compareWithTwin, type TwinComparison } from './compare-with-twin.ts'
export { predictionInterval } from './prediction-interval.ts'
