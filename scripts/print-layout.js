#!/usr/bin/env node
/**
 * Prints what two languages must agree on from the tables in src/base/silence.ts (built to dist first): native/silence.h
 * and src/base/silence-fields.ts. `--check` compares.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import * as silence from '../dist/src/base/silence.js';
import { layoutBytes, layoutFingerprint } from '../dist/src/base/layout.js';

const CPP = {
  u8: 'uint8_t',
  i8: 'int8_t',
  u16: 'uint16_t',
  u32: 'uint32_t',
  i32: 'int32_t',
  u64: 'uint64_t',
};

const pascal = (name) => name[0].toUpperCase() + name.slice(1);

function member([name, [, storage]]) {
  return storage === 'bytes16' ? `  uint8_t ${name}[16];` : `  ${CPP[storage]} ${name};`;
}

function struct([name, layout]) {
  const fields = Object.entries(layout).sort((a, b) => a[1][0] - b[1][0]);
  return [
    `struct ${name} {`,
    ...fields.map((field) => member(field) + (field[1][2] ? `  // ${field[1][2]}` : '')),
    '};',
    `static_assert(sizeof(${name}) == ${layoutBytes(layout)});`,
    ...fields.map(
      ([field, [offset]]) => `static_assert(offsetof(${name}, ${field}) == ${offset});`,
    ),
  ].join('\n');
}

function constants(name, values) {
  const wide = Object.values(values).some((value) => value > 255);
  const storage = wide || name.endsWith('Flag') ? 'uint32_t' : 'uint8_t';
  return [
    `namespace ${name} {`,
    ...Object.entries(values).map(
      ([key, value]) => `inline constexpr ${storage} k${pascal(key)} = ${value};`,
    ),
    `}  // namespace ${name}`,
  ].join('\n');
}

const camel = (name) =>
  name
    .toLowerCase()
    .split('_')
    .map((word) => pascal(word))
    .join('');

const enums = [
  'SILENCE_KIND',
  'OUTCOME',
  'UNOBSERVED',
  'TRIGGER',
  'ENDING',
  'TUNNEL',
  'TRISTATE',
  'TCP_STATE',
  'FLOW_FLAG',
  'SIDE_FLAG',
  'ENDING_FLAG',
];

const PRINTED =
  '// Printed from src/base/silence.ts by `npm run layout`; do not edit. A test proves it fresh.';
const fingerprint = `0x${layoutFingerprint(silence.LAYOUTS).toString(16)}`;

const header = [
  PRINTED,
  '// clang-format off',
  '#pragma once',
  '#include <cstddef>',
  '#include <cstdint>',
  '',
  'namespace deadair {',
  '',
  `inline constexpr uint32_t kLayoutFingerprint = ${fingerprint};`,
  '',
  ...Object.entries(silence.LAYOUTS).map((entry) => `${struct(entry)}\n`),
  ...enums.map((name) => `${constants(camel(name), silence[name])}\n`),
  '}  // namespace deadair',
  '',
].join('\n');

/** What reads a field at `at`, and what it gives. A frame's number is exact as a number, a moment only as a bigint. */
const READERS = {
  u8: ['number', (at) => `this.view.getUint8(${at})`],
  u16: ['number', (at) => `this.view.getUint16(${at}, true)`],
  u32: ['number', (at) => `this.view.getUint32(${at}, true)`],
  u64: ['bigint', (at) => `this.view.getBigUint64(${at}, true)`],
  frame: ['number', (at) => `numberAt(this.view, ${at})`],
  side: ['SideIndex', (at) => `sideAt(this.view, ${at})`],
};

function getter([name, [offset, storage]]) {
  const shape = name.startsWith('frame') ? 'frame' : name.endsWith('By') ? 'side' : storage;
  const [type, read] = READERS[shape];
  return `  get ${name}(): ${type} {\n    return ${read(`this.at + ${offset}`)};\n  }`;
}

const fields = Object.entries(silence.SILENCE).filter(([, [, storage]]) => storage !== 'bytes16');
const ofRecord = fields.filter(([name]) => !/[01]$/.test(name));
/** Of side 0; those of the other lie behind them in the same order. */
const ofSide = fields
  .filter(([name]) => name.endsWith('0'))
  .map(([name, field]) => [name === 'sideFlags0' ? 'flags' : name.slice(0, -1), field]);

const module = [
  PRINTED,
  "import { numberAt, Packed, type SideIndex, sideAt } from './packed.ts';",
  '',
  '/** Of the tables that this code was written for: the addon must bear the same. */',
  `export const FINGERPRINT = ${fingerprint};`,
  '',
  '/** The fields of a Silence record that have a number or a moment in them. */',
  'export class SilenceFields extends Packed {',
  ofRecord.map(getter).join('\n\n'),
  '}',
  '',
  '/** Those of one of its sides. */',
  'export class SideFields extends Packed {',
  ofSide.map(getter).join('\n\n'),
  '}',
  '',
].join('\n');

for (const [path, text] of [
  ['native/silence.h', header],
  ['src/base/silence-fields.ts', module],
]) {
  const target = new URL(`../${path}`, import.meta.url);
  if (!process.argv.includes('--check')) {
    writeFileSync(target, text);
  } else if (readFileSync(target, 'utf8') !== text) {
    console.error(`${path} is stale: run \`npm run layout\``);
    process.exitCode = 1;
  }
}
