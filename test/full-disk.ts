/** @file A disk without room: `/dev/full`, which not every system has. Tests that need it say so in their titles. */
import { existsSync } from 'node:fs'

export const hasFullDisk = existsSync('/dev/full')

/** `title`, with what is missing where the test will be skipped. */
export const onFullDisk = (title: string, isThere = hasFullDisk): string =>
  isThere ? title : `${title} (skipped: no /dev/full)`
