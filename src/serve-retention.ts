/** How long `deadair serve` keeps what: flags, environment and config file over the stated defaults. */
import type { Settings } from './config.ts';
import { RETENTION, type RetentionRules } from './report/store/retention.ts';
import { byteSetting } from './serve-settings.ts';

const DAY_NS = 86_400_000_000_000n;

const days = (settings: Settings, name: string, fallback: number): number =>
  Number(settings.duration(name, BigInt(fallback) * DAY_NS)) / Number(DAY_NS);

export const retentionFrom = (settings: Settings): RetentionRules => ({
  ...RETENTION,
  findingDays: days(settings, 'keep-findings', RETENTION.findingDays),
  evidenceDays: days(settings, 'keep-packets', RETENTION.evidenceDays),
  jobDays: days(settings, 'keep-jobs', RETENTION.jobDays),
  mostBytes: byteSetting(settings, 'store-size', RETENTION.mostBytes),
});
