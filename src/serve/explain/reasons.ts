/** @file The stable words for why something was chosen or left out, as people say it. A word unknown here stands as it is. */

const planReasons: Readonly<Record<string, string>> = {
  'best-score': 'the best score of the plans that fit',
  'kept-by-hysteresis': 'kept from the query before, since no other plan was clearly better',
  'only-fit': 'the only plan that fitted the time',
  'nothing-fits': 'no plan fitted the time, and this one comes nearest',
  'no-usable-model': 'no model was usable',
  'last-resort': 'the policies failed, so one agent answers',
  tools: 'the request brings tools, so one agent answers',
  'response-format': 'the request asks for a format, so one agent answers',
  chat: 'ordinary chat, so one agent answers',
  media: 'the request brings images or audio, so one agent answers',
  fixed: 'fixed by the configuration',
  learned: 'the likeliest of the plans that fit, by what the policy has learnt',
}

const armReasons: Readonly<Record<string, string>> = {
  'best-within-share': 'the best that fitted the share of the time',
  'fastest-nothing-fits': 'nothing fitted the share of the time, and this was most surely done soonest',
  'best-with-backup': 'the best, with a quicker call planned beside it in case it is late',
  learned: 'the likeliest choice, by what the policy has learnt',
  'best-by-rollouts': 'the best over many rehearsals of the rest of the way',
  'only-arm': 'the only choice allowed',
  'no-usable-model': 'no model was usable',
  'last-resort': 'the policies failed, and this was expected to be done soonest',
  'only-failed-models-left': 'only models that had failed this step were left',
  'nothing-has-room': 'the prompt left no model room for its answer',
  fixed: 'fixed by the configuration',
  'fixed-unusable': 'fixed by the configuration, though not usable',
  turn: "this model's turn",
  'least-loaded': 'the least loaded',
  'own-model': 'the model of this agent',
  'strongest-merges': 'the strongest model, which merges',
  drawn: 'drawn by chance',
  'predicted-win': 'expected to do better here',
  'predicted-tie': 'expected to do as well here',
  'best-weighed': 'the best of quality, time, cost and load weighed alike',
  largest: 'the largest model',
  backup: 'planned beside a slower call, in case that one is late',
  insurance: 'surely fast enough, in case the others come too late',
}

const stopReasons: Readonly<Record<string, string>> = {
  'answers-agree': 'the answers agreed',
  learned: 'by what the policy has learnt, the answers in hand were enough',
  'majority-decided': 'the answers that were out could not change the majority',
  'no-time': 'the time was too short',
  'nothing-to-revise': 'there was nothing to revise',
  'limit-reached': 'the limit of calls or tokens was reached',
}

export const planReason = (word: string): string => planReasons[word] ?? word
export const armReason = (word: string): string => armReasons[word] ?? word
export const stopReason = (word: string): string => stopReasons[word] ?? word
