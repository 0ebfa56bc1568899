/** Does an event concern a subscription? Pure; muted paths are asked for elsewhere. */
import type { StoredEvent } from '../report/store/events.ts';
import { numberAt, textAt } from './format/read.ts';
import type { Filter, Settings } from './subscription.ts';

/** The others are no deaths by a box; whoever wants them says so (contract.md, "The report"). */
const VERDICTS_BY_DEFAULT: readonly string[] = ['box-timeout', 'possible-box-timeout'];

const within = (list: readonly string[] | undefined, value: string | null): boolean =>
  list === undefined || (value !== null && list.includes(value));

function findingPasses(filter: Filter, data: StoredEvent['data']): boolean {
  return (
    within(filter.paths, textAt(data, 'path')) &&
    within(filter.verdicts ?? VERDICTS_BY_DEFAULT, textAt(data, 'verdict')) &&
    within(filter.signatures, textAt(data, 'signature')) &&
    (numberAt(data, 'confidence') ?? 0) >= (filter.minConfidence ?? 0)
  );
}

/** Of jobs and agents the filter says nothing. */
export function passes(filter: Filter, { type, subject, data }: StoredEvent): boolean {
  if (type.startsWith('finding.')) return findingPasses(filter, data);
  return type.startsWith('path.') ? within(filter.paths, subject) : true;
}

/**
 * A finding that was not worth telling when it was made may become so by an update: then the subscription
 * hears of its creation at last.
 */
export const tellsCreation = ({ events }: Settings, { type }: StoredEvent): boolean =>
  events.includes('finding.created') && (type === 'finding.created' || type === 'finding.updated');

/** Alertmanager and PagerDuty know alerts, which end: who is told of the beginning is told of the end. */
const ends = ({ events, format }: Settings, type: StoredEvent['type']): boolean =>
  type === 'agent.back' &&
  events.includes('agent.silent') &&
  (format === 'alertmanager' || format === 'pagerduty');

export const hearsOf = (settings: Settings, { type }: StoredEvent): boolean =>
  settings.events.includes(type) || ends(settings, type);

export const pathOf = ({ type, subject, data }: StoredEvent): string | null =>
  type.startsWith('path.') ? subject : type.startsWith('finding.') ? textAt(data, 'path') : null;
