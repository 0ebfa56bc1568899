/** What a prescription is sure of, and what not, from what the report says of its path. */
import type { PathReport } from '../../src/report/schema.ts';
import { duration, intervalWords, reasonWords, speakerWords } from '../base/wording.ts';

export interface Certainty {
  readonly sure: readonly string[];
  readonly unsure: readonly string[];
}

type Remedy = NonNullable<PathReport['remedy']>;

function basisWords(remedy: Remedy): string {
  const safe = duration(remedy.safeSeconds);
  if (remedy.basis === 'interval')
    return `The numbers follow from ${safe}, the lower end of the interval of T.`;
  if (remedy.basis === 'survivors')
    return `The numbers follow from ${safe}, the longest silence that is well known to survive.`;
  return `The numbers follow from ${safe}, a third of the shortest silence that was killed.`;
}

function sureOf(path: PathReport, remedy: Remedy): string[] {
  const interval = intervalWords(path.timeout);
  return [
    ...(path.significant && interval !== null
      ? [`That the silence decides is no accident: T is ${interval} (95 %).`]
      : []),
    ...(path.longestSurvivedSeconds === null
      ? []
      : [`A silence of ${duration(path.longestSurvivedSeconds)} survived here.`]),
    ...(remedy.provisional ? [] : [basisWords(remedy)]),
    `Who must probe: ${speakerWords(remedy.side)}; ${remedy.sideBecause}.`,
  ];
}

function unsureOf(path: PathReport, remedy: Remedy): string[] {
  const { timeout } = path;
  const why = reasonWords(timeout.reason);
  return [
    ...(path.boxSeen === false
      ? ['That a box did it: a restarted or unreachable server looks the same.']
      : []),
    ...(remedy.provisional
      ? [`Provisional. ${basisWords(remedy)} T is known from above only.`]
      : []),
    ...(timeout.status === 'estimated'
      ? []
      : [`T is not estimated: ${why ?? 'the data does not carry it'}.`]),
    ...(path.significant
      ? []
      : ['The threshold is not significant: more silences would make it so, or not.']),
    ...(remedy.stack === null
      ? []
      : [`That ${remedy.stack} speaks here is guessed from the port.`]),
    ...(path.hints.length === 0
      ? []
      : ['The box’s name is a hint by its default, no verdict: timeouts can be set.']),
  ];
}

export const certaintyOf = (path: PathReport): Certainty =>
  path.remedy === null
    ? { sure: [], unsure: [] }
    : { sure: sureOf(path, path.remedy), unsure: unsureOf(path, path.remedy) };
