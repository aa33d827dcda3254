// pnpm platforms:gpu [folder]: asks TensorFlow's CUDA build for the kernels of the compiled steps, and writes gpu.json and GPU.md. pip fetches 572 MB into the
// folder, or finds them there; without one they are deleted. Fails if something is copied within a step.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fetchWheel, pinsOf } from '@bag-of-tricks/test-platforms/fetch-wheel';
import type { StepTable } from './describe.ts';
import { kernelOn, type Registered, readKernels, readOps, signatureOf } from './kernels.ts';
import type { KernelTable } from './place.ts';
import { describeRecipe, RECIPES, type Step, traceRecipe } from './steps.ts';
import { formatGpu, type GpuTable } from './table.ts';
import { LIBRARIES, WHEEL } from './wheel.ts';

const scratch = mkdtempSync(join(tmpdir(), 'gpu-'));
try {
  const folder = process.argv[2] ?? join(scratch, 'wheel');
  mkdirSync(folder, { recursive: true });
  const { name, sha256 } = await fetchWheel(WHEEL, folder, scratch, LIBRARIES);
  const reader = fileURLToPath(new URL('read-library.js', import.meta.url));
  execFileSync(process.execPath, [reader, join(scratch, 'tensorflow'), scratch], {
    stdio: 'inherit',
  });
  const registered = readKernels(readFileSync(join(scratch, 'kernels.pb')));
  const ops = readOps(readFileSync(join(scratch, 'ops.pb')));
  const known: { ops: Record<string, unknown>; kernels: Record<string, unknown> } = {
    ops: {},
    kernels: {},
  };
  const steps: StepTable[] = [];
  for (const recipe of RECIPES) {
    const traced = await traceRecipe(recipe);
    for (const step of traced) learn(step, registered, ops, known);
    steps.push(...(await describeRecipe(traced, known as unknown as KernelTable)));
    console.log(`${recipe.name}: placed`);
  }
  const sorted = (map: object) =>
    Object.fromEntries(Object.entries(map).sort(([a], [b]) => (a < b ? -1 : 1)));
  const table = {
    ...{ tensorflow: pinsOf(WHEEL).version, wheel: name, sha256 },
    steps,
    ops: sorted(known.ops),
    kernels: sorted(known.kernels),
  } as GpuTable;
  const here = (name: string) => new URL(`../${name}`, import.meta.url);
  writeFileSync(here('gpu.json'), `${JSON.stringify(table, null, 1)}\n`);
  writeFileSync(here('GPU.md'), formatGpu(table));
  const within = steps.flatMap(({ name, copies }) =>
    copies.filter(({ kind }) => kind === 'within').map(({ of }) => `${name}: ${of}`),
  );
  for (const copy of within) console.log(`copied within a step: ${copy}`);
  if (within.length > 0) process.exitCode = 1;
} finally {
  rmSync(scratch, { recursive: true });
}

/** Adds what a step needs of what the library has. */
function learn(
  { nodes }: Step,
  registered: readonly Registered[],
  ops: ReturnType<typeof readOps>,
  known: { ops: Record<string, unknown>; kernels: Record<string, unknown> },
): void {
  for (const node of nodes) {
    known.ops[node.op] ??= ops.get(node.op);
    known.kernels[signatureOf(node)] ??= kernelOn(registered, node);
  }
}
