/**
 * @file Filler for streamed answers: harmless sentences of about the right number of tokens, so that streaming looks
 * real. It says nothing about the question and never contains a cue that an answer reader looks for.
 */

const sentences: readonly string[] = [
  'First I restate the task in my own words and list what is given.',
  'Next I note which quantities are known and which one is asked for.',
  'It helps to break the work into smaller parts and to take them one at a time.',
  'The first part follows directly from the statement.',
  'I write the intermediate result down before going on, so that it can be checked later.',
  'The second part uses what the first part gave.',
  'Here one has to be careful about the order of the operations.',
  'A quick estimate of the size shows that the result is plausible.',
  'Let me go over this step once more, since a slip here would carry through to the end.',
  'The units agree on both sides, which is a good sign.',
  'Another way to look at it leads to the same place.',
  'What remains is to put the parts together.',
  'I compare this with the conditions in the statement and find no conflict.',
  'A special case is easy to work out by hand, and it fits.',
  'Nothing else in the statement restricts the result further.',
  'With that, the last step is only a matter of writing it out.',
]

/** About `characters` of prose, ended at a word. `start` chooses the first sentence. Empty for less than a few words. */
export function prose(characters: number, start: number): string {
  if (characters < 12) return ''
  const parts: string[] = []
  let length = 0
  for (let index = start; length < characters; index += 1) {
    const sentence = sentences[index % sentences.length] as string
    parts.push(sentence)
    length += sentence.length + 1
  }
  const text = parts.join(' ')
  const end = text.lastIndexOf(' ', characters)
  return end > 0 && characters < text.length ? text.slice(0, end) : text
}
