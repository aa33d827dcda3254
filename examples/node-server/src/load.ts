// `node dist/load.js http://127.0.0.1:8080/classify cat.jpg dog.jpg`: posts pictures from several connections for some seconds.
import { readFileSync } from 'node:fs';
import { createHistogram } from 'node:perf_hooks';
import { readFlags, runCommand } from './command-line.ts';

await runCommand(async () => {
  const { positionals, flags } = readFlags({ connections: 16, seconds: 10 });
  const [address, ...files] = positionals;
  if (!address || files.length === 0) {
    throw new Error(
      'load: expected an address and pictures. Run node dist/load.js <address> <picture...>',
    );
  }
  const pictures = files.map((file) => readFileSync(file));
  const times = createHistogram();
  const statuses: Record<number, number> = {};
  let sent = 0;
  let refused = '';

  const start = performance.now();
  const elapsed = () => (performance.now() - start) / 1000;
  async function postUntilTheEnd(): Promise<void> {
    while (elapsed() < flags.seconds) {
      const began = performance.now();
      const body = pictures[sent++ % pictures.length]!;
      const response = await fetch(address!, { method: 'POST', body });
      const answer = await response.text();
      statuses[response.status] = (statuses[response.status] ?? 0) + 1;
      if (response.ok) times.record(Math.max(1, Math.round(1000 * (performance.now() - began))));
      else refused = `${response.status} ${answer.slice(0, 300).trim()}`;
    }
  }
  await Promise.all(Array.from({ length: flags.connections }, postUntilTheEnd));

  if (times.count === 0) {
    throw new Error(
      `load: expected pictures to be classified, got all ${sent} requests refused, the last one with ${refused}. Check the address and the pictures`,
    );
  }
  const milliseconds = (percent: number) => `${(times.percentile(percent) / 1000).toFixed(1)} ms`;
  console.log(
    `${(times.count / elapsed()).toFixed(1)} requests a second, p50 ${milliseconds(50)}, p99 ${milliseconds(99)}`,
  );
  for (const [status, count] of Object.entries(statuses)) {
    console.log(`status ${status}: ${count}`);
  }
});
