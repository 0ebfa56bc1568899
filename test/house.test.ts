/** The house rules, as tests. Each rule is applied to the tree, and to a small bad sample that it must refuse. */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ERROR_EXITS } from '../src/base/errors.ts';
import { FINGERPRINT } from '../src/base/silence-fields.ts';
import { layoutFingerprint } from '../src/base/layout.ts';
import { LAYOUTS } from '../src/base/silence.ts';
import { codesIn, codesThatDisagree, literalCodes, wrongExits } from './house/codes.ts';
import { addonOutsideItsDoor, againstTheWay, throughOtherDoors } from './house/direction.ts';
import {
  declaredFlags,
  gapsInLock,
  localLinks,
  machineTraces,
  missingScripts,
  npmCommands,
  tabledFlags,
  unmerged,
} from './house/manifest.ts';
import { headersOutsideTheirDoors } from './house/native.ts';
import { impurities, PURE_NATIVE, PURE_STAGES } from './house/purity.ts';
import { emptyNames, mutedTests, shareOfShort, tooLong } from './house/shape.ts';
import { ROOT, type SourceFile, read, tracked, under } from './house/tree.ts';

const TS = ['.ts', '.tsx', '.js'];
const CPP = ['.cc', '.h'];
const product = [...under('src', TS), ...under('workers', TS)];
const native = under('native', CPP);
const tests = under('test', TS);
const everything = [
  ...product,
  ...native,
  ...tests,
  ...under('test', CPP),
  ...under('bench', [...TS, ...CPP]),
  ...under('scripts', TS),
  ...under('web', TS),
];
const documents = [read('README.md'), read('CONTRIBUTING.md'), ...under('docs', ['.md'])];
const manifest = JSON.parse(read('package.json').text) as { scripts: Record<string, string> };

const file = (path: string, text: string): SourceFile => ({ path, text });

describe('the alphabet is the packet’s way', () => {
  test('every folder of src/ is a stage of the way', () => {
    const stages = readdirSync(join(ROOT, 'src'), { withFileTypes: true });
    const known = 'base capture dispatch host judge path prescribe queue report webhook'.split(' ');
    expect(stages.filter((one) => one.isDirectory() && !known.includes(one.name))).toEqual([]);
  });

  test('no stage imports from a later one', () => {
    expect(product.length).toBeGreaterThan(10);
    expect(againstTheWay(product)).toEqual([]);
  });

  test('an import against the way is seen', () => {
    const bad = (path: string, text: string) => againstTheWay([file(path, text)]);
    expect(bad('src/judge/a.ts', `import { x } from '../path/x.ts';`)).toHaveLength(1);
    expect(bad('src/judge/deep/a.ts', `import { x } from '../../path/x.ts';`)).toHaveLength(1);
    expect(bad('src/judge/a.ts', `import type {\n  X,\n} from '../report/x.ts';`)).toHaveLength(1);
    expect(bad('src/judge/a.ts', `export * from '../report/x.ts';`)).toHaveLength(1);
    expect(bad('src/judge/a.ts', `const x = await import('../report/x.ts');`)).toHaveLength(1);
    expect(bad('src/judge/a.ts', `import { main } from '../cli.ts';`)).toHaveLength(1);
    expect(bad('src/judge/a.ts', `import { x } from '../../test/x.ts';`)).toHaveLength(1);
    expect(bad('workers/shard.ts', `import { x } from '../src/judge/x.ts';`)).toHaveLength(1);
    expect(bad('src/path/a.ts', `import { x } from '../judge/x.ts';`)).toEqual([]);
    expect(bad('src/cli.ts', `import { x } from './webhook/x.ts';`)).toEqual([]);
    expect(bad('workers/shard.ts', `import { x } from '../src/capture/x.ts';`)).toEqual([]);
  });

  test('each package has one door', () => {
    expect(throughOtherDoors(product)).toEqual([]);
    expect(addonOutsideItsDoor(product)).toEqual([]);
  });

  test('a package at another door is seen', () => {
    const bad = (path: string, name: string) =>
      throughOtherDoors([file(path, `import x from '${name}';`)]);
    expect(bad('src/judge/a.ts', 'piscina')).toHaveLength(1);
    expect(bad('src/report/a.ts', 'bullmq')).toHaveLength(1);
    expect(bad('src/cli.ts', 'cap')).toHaveLength(1);
    expect(bad('src/dispatch/pool.ts', 'piscina')).toEqual([]);
    expect(addonOutsideItsDoor([file('src/cli.ts', `require('x/deadair.node')`)])).toHaveLength(1);
  });
});

describe('[pure] stages are pure', () => {
  test('judge, path and prescribe know no clock, no log, no Node', () => {
    expect(impurities(PURE_STAGES.flatMap((stage) => under(`src/${stage}`, TS)))).toEqual([]);
  });

  test.each([
    `import { readFileSync } from 'node:fs';`,
    `import { readFileSync } from 'fs';`,
    `import { addon } from '../capture/addon.ts';`,
    `import { listDevices } from '../capture/devices.ts';`,
    `import { packageRoot } from '../base/root.ts';`,
    `const now = Date.now();`,
    `const now = new Date();`,
    'const now = `${Date.now()}`;',
    `console.log(1);`,
    `if (process.env.X) return;`,
    `const x = Math.random();`,
    `setTimeout(f, 1);`,
  ])('this is not pure: %s', (text) => {
    expect(impurities([file('src/judge/a.ts', text)])).toHaveLength(1);
  });

  test('words in comments and sentences are no calls', () => {
    const text = `// Date.now() would lie\nconst x = 'the process.exit of the server';`;
    const types = `import type { Counters } from '../capture/addon.ts';\nimport { has } from '../base/record.ts';`;
    expect(impurities([file('src/judge/a.ts', text), file('src/judge/b.ts', types)])).toEqual([]);
  });

  test('native functions of numbers alone are pure, and their file is nothing but the way to them', () => {
    const text = `import { idleWindows } from '../capture/numbers.ts';`;
    expect(impurities([file('src/judge/a.ts', text)])).toEqual([]);
    const door = `${PURE_NATIVE} imports more than types from ./addon.ts`;
    expect(impurities([read(PURE_NATIVE)])).toEqual([door]);
  });
});

describe('memory that two languages read has one source', () => {
  test('native/silence.h is what the tables print', () => {
    execFileSync(process.execPath, ['scripts/print-layout.js', '--check'], { cwd: ROOT });
  });

  test('its fingerprint is the one of the sources, not only of dist/', () => {
    expect(FINGERPRINT).toBe(layoutFingerprint(LAYOUTS));
    expect(read('native/silence.h').text).toContain(`0x${FINGERPRINT.toString(16)};`);
  });
});

describe('the native core', () => {
  test('napi.h ends at addon/, pcap.h at source/', () => {
    expect(native.length).toBeGreaterThan(5);
    expect(headersOutsideTheirDoors(native)).toEqual([]);
  });

  test('a header outside its door is seen', () => {
    const bad = (path: string, text: string) => headersOutsideTheirDoors([file(path, text)]);
    expect(bad('native/flow/a.cc', '#include <napi.h>\n')).toHaveLength(1);
    expect(bad('native/decode/a.cc', '#include <pcap/pcap.h>\n')).toHaveLength(1);
    expect(bad('native/source/filter.cc', '#include <pcap.h>\n')).toEqual([]);
    expect(bad('native/addon.cc', '#include <napi.h>\n')).toHaveLength(1);
    expect(bad('native/flow/a.cc', '#include "addon/values.h"\n')).toHaveLength(1);
    expect(bad('native/addon/live.cc', '#include <napi.h>\n')).toEqual([]);
  });
});

describe('errors', () => {
  const table = new Set(Object.keys(ERROR_EXITS));
  const errors = read('docs/errors.md').text;

  test('every code is in the table and in docs/errors.md, and nothing else is', () => {
    const written = literalCodes([...product, ...native]);
    expect(codesThatDisagree(table, written, codesIn(errors))).toEqual([]);
  });

  test('docs/errors.md has a row for each, with the exit status of the table', () => {
    expect([...errors.matchAll(/^\| `E_/gm)]).toHaveLength(table.size);
    expect(wrongExits(errors, ERROR_EXITS)).toEqual([]);
  });

  test('an undocumented code, an invented one and a wrong status are seen', () => {
    const written = literalCodes([file('a.cc', 'return Fail("E_B");')]);
    expect([...written]).toEqual(['E_B']);
    expect(codesThatDisagree(new Set(['E_A']), written, new Set(['E_C']))).toHaveLength(3);
    expect(wrongExits('| `E_A` | x | y | 4 |', { E_A: 3 })).toHaveLength(1);
  });
});

describe('a file ends when its idea ends', () => {
  /** Files above 400 lines, each with its reason. */
  const excused: Readonly<Record<string, string>> = {
    'native/silence.h': 'printed from tables; nobody reads it from end to end',
    'test/native/source/cases.cc': 'a list: a capture for each trait of the formats',
  };

  test('no file is above 400 lines without a reason', () => {
    expect(tooLong(everything, excused)).toEqual([]);
  });

  test('95 % have at most 250 lines', () => {
    expect(shareOfShort(everything)).toBeGreaterThanOrEqual(0.95);
  });

  test('files are called after what they hold', () => {
    expect(emptyNames(everything.map(({ path }) => path))).toEqual([]);
  });

  test('a long file, a needless excuse and an empty name are seen', () => {
    const long = file('src/base/a.ts', 'x\n'.repeat(401));
    expect(tooLong([long], {})).toHaveLength(1);
    expect(tooLong([long], { 'src/base/a.ts': 'a table' })).toEqual([]);
    expect(tooLong([], { 'src/base/a.ts': 'a table' })).toHaveLength(1);
    expect(shareOfShort([long, file('b.ts', 'x\n')])).toBe(0.5);
    expect(
      emptyNames(['src/base/utils.ts', 'src/flow-manager/a.ts', 'src/base/commonality.ts']),
    ).toHaveLength(2);
  });
});

describe('tests', () => {
  test('none is switched off, none skips without a word', () => {
    expect(
      mutedTests(
        tests.filter(({ path }) => path.endsWith('.test.ts') && path !== 'test/house.test.ts'),
      ),
    ).toEqual([]);
  });

  test.each([
    'test.only(',
    'test.skip(',
    'describe.skip(',
    'it.todo(',
    'ctx.skip()',
    `test.skipIf(there)('x', f)`,
    `describe.runIf(has.it)(\n 'x', f)`,
  ])('%s is seen', (text) => {
    expect(mutedTests([file('test/a.test.ts', `  ${text}`)])).toHaveLength(1);
  });

  test.each([
    `ctx.skip(!there, 'no ../shared here');`,
    `describe.skipIf(!there)('the world (needs ../shared)', () => {});`,
  ])('a reason is enough: %s', (text) => {
    expect(mutedTests([file('test/a.test.ts', text)])).toEqual([]);
  });
});

describe('what the documents promise', () => {
  test('every npm command they name is a script', () => {
    const wanted = documents.flatMap((document) => [...npmCommands(document)]);
    expect(wanted.length).toBeGreaterThan(3);
    expect(missingScripts(wanted, manifest.scripts)).toEqual([]);
  });

  test('the scripts that every clone can count on are there', () => {
    const promised = ['setup', 'setup:test', 'build', 'test', 'test:long', 'check', 'bench'];
    expect(missingScripts(promised, manifest.scripts)).toEqual([]);
  });

  test('every local link leads to a file', () => {
    const broken = documents.flatMap((document) =>
      localLinks(document)
        .filter((target) => !existsSync(join(ROOT, dirname(document.path), target)))
        .map((target) => `${document.path} → ${target}`),
    );
    expect(broken).toEqual([]);
  });

  test('a missing script and a broken link are seen', () => {
    expect(missingScripts(npmCommands(file('a.md', '`npm run fly && npm test`')), {})).toEqual([
      'fly',
      'test',
    ]);
    expect(localLinks(file('a.md', '[a](docs/a.md#x) [b](https://example.org)'))).toEqual([
      'docs/a.md',
    ]);
  });

  test('the README lists the flags of `read`, all of them and no other', () => {
    const flags = (names: Set<string>) => [...names].sort();
    expect(flags(tabledFlags(read('README.md')))).toEqual(
      flags(declaredFlags(read('src/read-command.ts'))),
    );
    expect(flags(tabledFlags(file('a.md', '| `--a N`, `--b-c` | not `--d` |')))).toEqual([
      '--a',
      '--b-c',
    ]);
    expect(flags(declaredFlags(file('a.ts', `.option('--a <n>', 'x').option(\n'--b')`)))).toEqual([
      '--a',
      '--b',
    ]);
  });

  test('package-lock.json is whole: npm ci takes it on any platform', () => {
    expect(gapsInLock(read('package-lock.json').text)).toEqual([]);
    const gap = {
      packages: { 'node_modules/a': { optionalDependencies: { 'a-linux': '1.0.0' } } },
    };
    expect(gapsInLock(JSON.stringify(gap))).toEqual(['a-linux']);
  });

  test('tracked files name no path of one machine and no registry', (ctx) => {
    const files = tracked();
    ctx.skip(files === null, 'this is no git checkout');
    expect(machineTraces(files ?? [])).toEqual([]);
  });

  test('no tracked file holds what a merge left undecided', (ctx) => {
    const files = tracked();
    ctx.skip(files === null, 'this is no git checkout');
    expect(unmerged(files ?? [])).toEqual([]);
    const left = ['a', `${'<'.repeat(7)} HEAD`, 'b', '='.repeat(7), `${'>'.repeat(7)} 1234567`];
    expect(unmerged([file('a.cc', left.join('\n'))])).toEqual(['a.cc:2', 'a.cc:5']);
  });

  test('a path of one machine and a registry are seen', () => {
    expect(machineTraces([file('a.md', `see ${['', 'home', 'me', 'x'].join('/')}`)])).toHaveLength(
      1,
    );
    expect(
      machineTraces([file('package-lock.json', '"resolved": "https://r/x.tgz"')]),
    ).toHaveLength(1);
    expect(machineTraces([file('a.md', 'docs/work/x and https://example.org/home/x')])).toEqual([]);
  });
});
