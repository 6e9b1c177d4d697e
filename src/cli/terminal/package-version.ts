/** @file The version of the package. */
import { readFileSync } from 'node:fs'

const packageFile = new URL('../../../package.json', import.meta.url)

export const packageVersion = (): string =>
  (JSON.parse(readFileSync(packageFile, 'utf8')) as { readonly version: string }).version
