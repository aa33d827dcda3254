// `node dist/replay/record.js file [pattern]`: writes each call of a kernel in tfjs-core's tests, or in those whose names match. In a process of
// its own, as the suite brings a tfjs-core of its own.
import { writeFileSync } from 'node:fs';
import { serialize } from 'node:v8';
import { loadSuite } from '../suite.ts';
import { recordCalls } from './record-calls.ts';

const [file, pattern] = process.argv.slice(2);
const suite = await loadSuite();
console.warn = () => {};
console.log = () => {};
const names = pattern === undefined ? undefined : new RegExp(pattern);
const recording = await recordCalls(suite, names && ((name) => names.test(name)));
writeFileSync(file!, serialize(recording));
