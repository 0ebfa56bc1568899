/**
 * The envelope of a batch is the queue's (src/queue/payload.ts); what lies in it is checked here, one by one: a finding
 * or path that is not what the contract says is set aside and counted, so that one bad one does not hold up a batch.
 */
import { Compile } from 'typebox/compile';
import { PathSchema } from '../path-schema.ts';
import { FindingSchema } from '../schema.ts';

export { type FindingsBatch as Batch } from '../../queue/payload.ts';

export const checkFinding = Compile(FindingSchema);
export const checkPath = Compile(PathSchema);
