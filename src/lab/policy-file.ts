/**
 * @file Learned policies on disk: shipped ones by name, a user's own by path.
 *
 * A policy is a folder with `policy.json` and `policy.safetensors`; the path of either the folder or its `policy.json` will
 * do. `dual` is one JSON file of fitted team rules. Whatever is loaded has been held against the running code.
 */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ConfigError, hashText, type JsonObject } from '../core/index.ts'
import { type LearnedSpecs, parsePolicy, specsOf } from '../policy/index.ts'
import { dualSchemaId, parseDual } from './train/learners/dual/dual-policy.ts'

/** What people are told of a policy. */
export interface PolicySummary {
  /** As it was asked for. */
  readonly name: string
  /** The learner. */
  readonly kind: string
  /** Of its weights; of its text where it has none. Hexadecimal. */
  readonly hash: string
  readonly trainedOn: JsonObject
  /** Hash of the profile of the pool it was trained for; null: not said. */
  readonly profileHash: string | null
}

export interface ServedPolicy {
  readonly specs: LearnedSpecs
  readonly summary: PolicySummary
}

const shippedFolder = fileURLToPath(new URL('../../policies/', import.meta.url))
const headerFile = 'policy.json'
const weightsFile = 'policy.safetensors'
const dualFile = 'dual.json'

/** Names of the policies that come with the package. */
export function shippedPolicies(): readonly string[] {
  if (!existsSync(shippedFolder)) return []
  return readdirSync(shippedFolder)
    .flatMap((entry) => {
      // Other files there are what baselines learnt.
      if (entry === dualFile) return [dualFile.slice(0, -'.json'.length)]
      return existsSync(join(shippedFolder, entry, headerFile)) ? [entry] : []
    })
    .sort()
}

/** Reads a policy by its shipped name or a path. Throws ConfigError where it is missing, damaged, or does not fit this version. */
export function loadPolicy(nameOrPath: string): ServedPolicy {
  const path = headerPath(nameOrPath)
  const text = readFile(path, nameOrPath).toString('utf8')
  const header = parseJson(text, path)
  if (header.schema === dualSchemaId) return dualPolicy(nameOrPath, { data: header, text, path })
  const weights = readFile(join(dirname(path), weightsFile), nameOrPath)
  const policy = parsePolicy(header, weights, path)
  const { kind, weightsSha256, trainedOn, profileHash } = policy.header
  return {
    specs: specsOf(policy, path),
    summary: { name: nameOrPath, kind, hash: weightsSha256, trainedOn, profileHash },
  }
}

function dualPolicy(
  name: string,
  { data, text, path }: { readonly data: unknown; readonly text: string; readonly path: string },
): ServedPolicy {
  const { teamRules, source, prices } = parseDual(data, path)
  const planner = { kind: 'dual' as const, teamRules }
  return {
    specs: {
      planner,
      executor: 'slack-greedy',
      teams: { teamRules },
      readsQuestions: false,
      prices: { kind: 'dual', start: prices },
    },
    summary: {
      name,
      kind: 'dual',
      hash: hashText(text).toString(16).padStart(8, '0'),
      trainedOn: { source },
      profileHash: null,
    },
  }
}

/** Where the header of a policy stands: a file that says what it is. */
function headerPath(nameOrPath: string): string {
  const isShipped = shippedPolicies().includes(nameOrPath)
  const path = isShipped ? join(shippedFolder, nameOrPath) : nameOrPath
  if (isShipped && !existsSync(path)) return `${path}.json`
  if (isFolder(path)) return join(path, headerFile)
  return basename(path) === weightsFile ? join(dirname(path), headerFile) : path
}

/** False as well where one may not look: reading it says why. */
function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory()
  } catch {
    return false
  }
}

/** Whether a training has only written its log there: the policy itself comes at its end. */
const isBegun = (folder: string): boolean =>
  existsSync(join(folder, 'training.jsonl')) && !existsSync(join(folder, headerFile))

function readFile(path: string, name: string): Buffer {
  try {
    return readFileSync(path)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    const shipped = shippedPolicies().join(', ') || 'none'
    const fix =
      code === 'ENOENT' && isBegun(dirname(path))
        ? 'The training in this folder has not ended: give its `inframind train` command again, it goes on from there.'
        : `Name a shipped policy (${shipped}) or the folder that holds ${headerFile} and ${weightsFile}.`
    const got = `${code ?? 'an error'} for ${path}`
    throw new ConfigError([{ path: 'policy.file', expected: 'a readable policy', got, fix }], name)
  }
}

function parseJson(text: string, path: string): { readonly schema?: unknown } {
  try {
    // What is no object has no schema: the readers say what is wrong with it.
    return Object(JSON.parse(text))
  } catch (error) {
    const fix = 'Use the file as `inframind train` wrote it.'
    throw new ConfigError([{ path: '(top)', expected: 'JSON', got: (error as Error).message, fix }], path)
  }
}
