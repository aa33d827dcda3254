// `pnpm soak`: all soaks, SOAK.md and soak.svg; `pnpm soak decoders` takes that one alone and writes nothing; `--epochs 500` takes so
// many rounds of that one.
import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { drawSoaks } from './plot.ts';
import { runSoak } from './run-soak.ts';
import type { Sample } from './samples.ts';
import { type SoakName, soaks } from './soaks.ts';
import { judge, median } from './verdict.ts';

const folder = new URL('../../', import.meta.url);
const { values, positionals } = parseArgs({
  options: Object.fromEntries(
    Object.keys(soaks).map((name) => [name, { type: 'string' as const }]),
  ),
  allowPositionals: true,
});
const asked = positionals as SoakName[];
const names = asked.length > 0 ? asked : (Object.keys(soaks) as SoakName[]);
const seen: Record<string, readonly Sample[]> = {};
const rows: string[] = [];
let wrong = 0;
for (const name of names) {
  const rounds = Number(values[name] ?? soaks[name].rounds);
  const samples = await runSoak(name, rounds);
  seen[name] = samples;
  const grown = judge(samples, soaks[name].allowed);
  wrong += grown.filter(({ tooMuch }) => tooMuch).length;
  const cells = grown.map(({ measure, perRound, tooMuch }) => {
    const [first, last] = [samples[Math.ceil(samples.length / 3)]!, samples.at(-1)!];
    const from = measure === 'time' ? `${median(samples, measure).toFixed(1)} ms` : undefined;
    const range = from ?? `${first[measure].toFixed(0)} to ${last[measure].toFixed(0)}`;
    const slope = `${perRound >= 0 ? '+' : ''}${perRound.toPrecision(2)} a round`;
    return tooMuch ? `**${range} (${slope})**` : `${range} (${slope})`;
  });
  rows.push(`| ${rounds} ${name} | ${cells.join(' | ')} |`);
  console.log(rows.at(-1));
}
if (asked.length === 0) {
  const text = `# What grows over many rounds

Written by \`${['pnpm soak', ...process.argv.slice(2)].join(' ')}\` on ${cpus()[0]?.model ?? 'an unknown CPU'}, Node ${process.version}. Each soak is a process of its own that is looked at a hundred times:
resident memory after a collection in MB, handles of TensorFlow, lines of \`/proc/self/maps\`, open descriptors, and the median CPU time of a round. The
slope is the median of those between all pairs of looks after the first third (Theil and Sen); **bold** is more than
[verdict.ts](src/soak/verdict.ts) allows.

| | memory | handles | mappings | descriptors | time |
| --- | --- | --- | --- | --- | --- |
${rows.join('\n')}

![](soak.svg)
`;
  writeFileSync(new URL('SOAK.md', folder), text);
  writeFileSync(new URL('soak.svg', folder), drawSoaks(seen));
}
process.exitCode = wrong > 0 ? 1 : 0;
