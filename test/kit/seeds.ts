/**
 * Properties are tried on the same examples in every short run, so that a red CI is a change and never luck; the long
 * run (DEADAIR_LONG=1) draws new ones. A failure names its seed.
 */
import fc from 'fast-check';

if (process.env['DEADAIR_LONG'] !== '1') fc.configureGlobal({ seed: 20_261_123 });
