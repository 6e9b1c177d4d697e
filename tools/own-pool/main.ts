/**
 * @file `main.js FOLDER DATA`: measures a pool that is not what its profile says, calibrates, and writes what a benchmark needs.
 *
 * The hidden pool and its traffic are those of the calibration tests: decoding 1.4 times as slow, half the cache, other
 * lengths and abilities. In FOLDER: `mine.json`, the calibrated profile, which a policy can be trained for, and `pool.json`, the
 * hidden machines and truth with what calibration says of them as prior: what a gateway in front of that pool would know.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseProfile } from '../../src/core/index.ts'
import { calibratePool } from '../../src/lab/calibrate/index.ts'
import { loadProfile } from '../../src/lab/index.ts'
import { questionSets } from '../../src/lab/questions/index.ts'
import { collectTraffic } from '../../test/calibration/collected-traffic.ts'
import { hide } from '../../test/calibration/hidden-pool.ts'

const [folder, data] = process.argv.slice(2)
if (!folder || !data) throw new Error('usage: main.js FOLDER DATA')
const base = loadProfile('paper-b200')
const hidden = hide(base)
const sets = questionSets({ folder: data, datasets: ['mixed'], seed: 1 })
const questions = [...sets.values()].flatMap(({ members }) => members.flatMap(({ train }) => train))
const measured = await collectTraffic({ profile: hidden, questions, seed: 5 }, 120)
const { profile } = await calibratePool(
  { ...measured, samples: [], warnings: [] },
  { base, id: 'mine', gpus: null, seed: 1, replays: 40 },
)
mkdirSync(folder, { recursive: true })
const write = (name: string, content: unknown) =>
  writeFileSync(join(folder, name), `${JSON.stringify(content, null, 1)}\n`)
write('mine.json', parseProfile(profile, 'the calibrated profile'))
write('pool.json', parseProfile({ ...hidden, id: 'pool', prior: profile.prior }, 'the hidden pool'))
process.stderr.write(
  `${measured.calls.length} calls measured; ${join(folder, 'mine.json')} and pool.json are written\n`,
)
