// test/CPUS.md: what `pnpm cpus` writes around its rows.

/** @typedef {{ name: string, what: string }} Machine */

const columns = [
  '| machine | tests | outcome | seconds | run |',
  '| --- | --- | --- | --- | --- |',
];

/**
 * The file with `row` in the place of an older one of the same machine and folder, without rows of machines and folders that
 * are no more. What stands below the table is kept.
 * @param {string} text the file so far @param {string} row
 * @param {{ machines: readonly Machine[], folders: readonly string[] }} order of the rows
 */
export function writeCpus(text, row, { machines, folders }) {
  const [, table = ''] = `${text.trimEnd()}\n`.split(/(?=^\| machine \|)/m);
  const lines = table.split('\n');
  const size = lines.findIndex((line) => !line.startsWith('|'));
  const old = lines.slice(columns.length, size);
  const starts = machines.flatMap(({ name }) => folders.map((folder) => `| ${name} | ${folder}: `));
  const rows = starts.flatMap((start) => [row, ...old].find((one) => one.startsWith(start)) ?? []);
  const hasRow = (/** @type {Machine} */ { name }) =>
    rows.some((one) => one.startsWith(`| ${name} |`));
  const missing = machines.filter((machine) => !hasRow(machine));
  const body = [...columns, ...rows, ...lines.slice(size)].join('\n');
  return `${head(machines.filter(hasRow), missing)}\n${body}`;
}

/** @param {readonly Machine[]} run @param {readonly Machine[]} missing */
function head(run, missing) {
  const describe = (/** @type {Machine} */ { name, what }) => `\`${name}\`: ${what}`;
  const notRun = `\nNo row yet, though \`pnpm cpus\` can run them: ${missing.map(describe).join('; ')}.\n`;
  return `# Other CPUs

Written by \`pnpm cpus\`, down to the end of the table: the tests whose numbers may depend on the CPU, as if on others, with other work beside
them. The last column says when each row was run, and on which CPU.

${run.map((machine) => `- ${describe(machine)}`).join('\n')}
${missing.length > 0 ? notRun : ''}
What this cannot show:

- qemu's emulation ends at AVX2: \`-cpu Skylake-Server\` (AVX-512) is AVX2 there too, and so is every later one. What TensorFlow does with
  AVX-512 alone is seen by \`ONEDNN_MAX_CPU_ISA\`, which oneDNN obeys and TensorFlow does not: where TensorFlow trusts the true
  CPU, oneDNN lacks the kernel, and either the op is an error or the process ends. No real CPU is like that. The probe of \`autocast\` sees
  it and stays away from these kernels; tests that force them are skipped.
- Speed: qemu takes 100 to 3,000 times as long, and not alike for all instructions. AMX without AVX512-BF16, ARM and GPUs: nothing.
- \`/proc/cpuinfo\` is that of the true CPU under qemu, so what reads it is not seen.
- Where a chip rounds otherwise than the architecture says.
`;
}
