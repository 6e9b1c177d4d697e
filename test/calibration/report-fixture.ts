/** @file The calibration data and the twin's answers beside it, made once for the tests of a file. */
import type { AnswerReport } from '../../tools/fit/answer-sections.ts'
import { type DataFolder, openDataFolder } from '../../tools/fit/data-folder.ts'
import { answerReport } from '../../tools/fit/report.ts'
import { sharedDataFolder } from '../shared-data.ts'

export const dataFolder = sharedDataFolder()

let data: DataFolder | undefined
let report: AnswerReport | undefined

/** Only for tests that are skipped where there is no data. */
export function calibrationData(): DataFolder {
  data ??= openDataFolder(dataFolder as string)
  return data
}

export function calibrationReport(): AnswerReport {
  report ??= answerReport(calibrationData())
  return report
}
