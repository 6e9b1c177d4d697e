/**
 * @file Where the members of a JSON object stand in its bytes, and how deep it nests, without building it.
 *
 * A relayed body must reach the engine byte for byte but for one field: parsing and writing it again would change
 * numbers, escapes, spaces and the order of duplicate keys. One pass over the bytes, O(n), no recursion.
 */

const byte = {
  quote: 0x22,
  backslash: 0x5c,
  comma: 0x2c,
  openBrace: 0x7b,
  closeBrace: 0x7d,
  openList: 0x5b,
  closeList: 0x5d,
}

/** Half-open byte range from the key's quote to the end of the value. */
export interface JsonMember {
  readonly key: string
  readonly start: number
  readonly end: number
}

/** Calls `visit` for every byte outside strings, with `isString` true for the opening quote of one. */
function walk(bytes: Uint8Array, visit: (at: number, value: number, stringEnd: number | null) => void): void {
  for (let at = 0; at < bytes.length; at += 1) {
    const value = bytes[at]!
    if (value !== byte.quote) {
      visit(at, value, null)
      continue
    }
    const start = at
    at += 1
    while (at < bytes.length && bytes[at] !== byte.quote) at += bytes[at] === byte.backslash ? 2 : 1
    visit(start, value, at + 1)
  }
}

/** Deepest nesting of objects and lists. Of text that is not JSON: some number. */
export function jsonDepth(bytes: Uint8Array): number {
  let depth = 0
  let deepest = 0
  walk(bytes, (_, value) => {
    if (value === byte.openBrace || value === byte.openList) depth += 1
    else if (value === byte.closeBrace || value === byte.closeList) depth -= 1
    if (depth > deepest) deepest = depth
  })
  return deepest
}

/** Members of the outermost object, in order, duplicates included. `bytes` must be a valid JSON object. */
export function topLevelMembers(bytes: Uint8Array): JsonMember[] {
  const members: JsonMember[] = []
  let depth = 0
  let start = -1
  let keyEnd = -1
  const close = (end: number) => {
    if (start >= 0) members.push({ key: JSON.parse(decode(bytes.subarray(start, keyEnd))) as string, start, end })
    start = -1
  }
  walk(bytes, (at, value, stringEnd) => {
    if (value === byte.openBrace || value === byte.openList) depth += 1
    else if (value === byte.closeBrace || value === byte.closeList) {
      depth -= 1
      if (depth === 0) close(at)
    } else if (depth === 1 && value === byte.comma) close(at)
    else if (depth === 1 && stringEnd !== null && start < 0) {
      start = at
      keyEnd = stringEnd
    }
  })
  return members
}

const decode = (bytes: Uint8Array) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8')

/** `bytes` without the members named in `remove`, and with `add` at the end. The same array where nothing changes. */
export function editMembers(
  bytes: Uint8Array,
  { remove, add }: { readonly remove: readonly string[]; readonly add: Readonly<Record<string, number>> },
): Uint8Array {
  const members = topLevelMembers(bytes)
  const added = Object.entries(add).map(([key, value]) => `${JSON.stringify(key)}:${value}`)
  const isKept = (member: JsonMember) => !remove.includes(member.key)
  if (added.length === 0 && members.every(isKept)) return bytes
  const first = members[0]
  if (first === undefined) return Buffer.from(`{${added.join(',')}}`)
  const parts: Uint8Array[] = [bytes.subarray(0, first.start)]
  members.forEach((member, index) => {
    if (!isKept(member)) return
    const before = members[index - 1]
    // The separator before this member, unless it has become the first.
    if (before !== undefined && parts.length > 1) parts.push(bytes.subarray(before.end, member.start))
    parts.push(bytes.subarray(member.start, member.end))
  })
  if (added.length > 0) parts.push(Buffer.from((parts.length > 1 ? ',' : '') + added.join(',')))
  parts.push(bytes.subarray(members.at(-1)!.end))
  return Buffer.concat(parts)
}
