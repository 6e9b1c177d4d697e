/** @file Whether policies were trained for the pool that is served: told, never refused, as they serve other pools too. */
import type { Profile } from '../../core/index.ts'
import { longHash } from '../../lab/bench/index.ts'
import type { PolicySummary } from '../../lab/index.ts'

/** One sentence for each of `files` that was trained for another profile than `profile`, which was asked for as `name`. */
export function foreignPolicies(
  files: readonly PolicySummary[],
  { profile, name }: { readonly profile: Profile; readonly name: string },
): readonly string[] {
  // As the trainer hashes the profile that it trains for.
  const hash = longHash(JSON.stringify(profile))
  return files
    .filter(({ profileHash }) => profileHash !== null && profileHash !== hash)
    .map((file) => {
      const trained = [file.trainedOn['profiles'] ?? []].flat().join(', ')
      return `${file.name} was trained for another profile${trained && ` (${trained})`}, not for ${name} as it is now: serve with the profile that it was trained for (--profile, or profile in the config)`
    })
}
