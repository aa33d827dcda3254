import type { Copies, StepTable } from './describe.ts';
import type { KernelTable } from './place.ts';

/** What `pnpm platforms:gpu` found, in gpu.json. */
export interface GpuTable extends KernelTable {
  readonly tensorflow: string;
  readonly wheel: string;
  readonly sha256: string;
  readonly steps: readonly StepTable[];
}

const sum = (copies: readonly Copies[], key: 'count' | 'bytes') =>
  copies.reduce((total, copy) => total + copy[key], 0);

const bytesOf = (bytes: number) => bytes.toLocaleString('en');

const of = (kind: Copies['kind'], { copies }: StepTable) =>
  copies.filter((copy) => copy.kind === kind);

function stepRow(step: StepTable): string {
  const [into, out, within] = (['in', 'out', 'within'] as const).map((kind) => of(kind, step));
  const onCpu = Object.values(step.onCpu).reduce((total, count) => total + count, 0);
  const cells = [
    ...[step.name, step.nodes, onCpu, step.onHost],
    ...[sum(into!, 'count'), bytesOf(sum(into!, 'bytes'))],
    ...[sum(out!, 'count'), bytesOf(sum(out!, 'bytes'))],
    ...[sum(within!, 'count'), bytesOf(sum(within!, 'bytes'))],
  ];
  return `| ${cells.join(' | ')} |`;
}

/** Rows that several steps have in common are one. */
function joined(rows: readonly (readonly [step: string, row: string])[]): string[] {
  const byRow = new Map<string, string[]>();
  for (const [step, row] of rows) byRow.set(row, [...(byRow.get(row) ?? []), step]);
  return [...byRow].map(([row, steps]) => `| ${row} | ${steps.join('; ')} |`);
}

/** GPU.md */
export function formatGpu({ tensorflow, wheel, sha256, kernels, steps }: GpuTable): string {
  const copied = steps.flatMap((step) =>
    step.copies.map(({ kind, of: made, readBy, count, bytes }) => {
      const cells = [kind, `\`${made}\``, readBy.join(', '), count, bytesOf(bytes)];
      return [step.name, cells.join(' | ')] as const;
    }),
  );
  const onCpu = steps.flatMap((step) =>
    Object.entries(step.onCpu).map(([signature, count]) => {
      const why = kernels[signature]!.gpu
        ? 'has one, and stays with its variable or its readers'
        : 'has none';
      return [step.name, `\`${signature}\` | ${count} | ${why}`] as const;
    }),
  );
  return `# The compiled steps on a GPU, on paper

Made by \`pnpm platforms:gpu\`: pip fetches \`${wheel}\` (sha256 \`${sha256}\`), TensorFlow ${tensorflow} built for CUDA, which loads without a card and
without CUDA's libraries and has its kernels for GPUs registered. For every node of the steps of ResNet-50-D (256 images of 224 px, all 1000 classes), which are traced as on a
GPU, it is asked which kernel there is for its types, and which of the kernel's arguments are in host memory. **Nothing was run on a GPU.**

Nodes are placed by the rules of TensorFlow's placer: on the GPU where a kernel is, whatever shares a variable together, what has no inputs with
who reads it. A tensor is copied where its maker and a reader have it in other memories. What TensorFlow's optimiser changes before a run (layouts,
fused and folded ops) comes after that and is not here, nor what cuDNN or NCCL do by themselves. \`pnpm bench gpu\` shows the placement as it really is, on a card.

CI traces the steps again and compares them with [gpu.json](gpu.json), without the wheel: an op or a type that is not in it, or a copy within a step, is an error.

| Step | Nodes | On the CPU | Beside the GPU, in host memory | Copied in | Bytes | Copied out | Bytes | Copied within | Bytes |
| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |
${steps.map(stepRow).join('\n')}

**In**: what the host has before the step: labels, scalars, what was drawn for colours and boxes. **Out**: what the caller asked for: scalars, and the probabilities of an evaluation. **Within**: what one side computes
and the other waits for. **Beside the GPU**: shapes, axes and other whole numbers; the CPU has them, and the GPU waits for none.

## What is copied, a step

| Kind | Tensor | Read by | Tensors | Bytes | Steps |
| --- | --- | --- | ---: | ---: | --- |
${joined(copied).join('\n')}

## What runs on the CPU

| Op | Nodes | Kernel for GPUs | Steps |
| --- | ---: | --- | --- |
${joined(onCpu).join('\n')}

- The counter of random draws is a variable of int32, which TensorFlow keeps in host memory. The kernels that draw on a GPU read their key in host memory, so it is made there of the
  counter and sent to nobody.

## The batch on its way

Images are loaded and decoded while the step before runs, into the host's memory. The C API feeds a session from there alone. So a step with a GPU takes its images from \`MapUnstage\`, under a key of 8 bytes that it is fed, and
a second run of the same session brings those of the next batch to the GPU meanwhile (\`MapStage\`), in an evaluation too. Here it is tested on the CPU, bit for
bit against steps that are fed; what it gains nobody has measured, and the host's memory is not pinned.

## What was copied within the steps before

Seen on this paper, and mended: images of a batch as int32 to the host and back when gradients are accumulated (154 MB each way); the scores of all classes of an evaluation to the host to be counted (1 MB a batch);
the key of every random draw (30 in a step); whether a step is finite, for which all weights waited; the classes that top-1 compares; CutMix's box; the number that convolutions are padded with;
the bytes of images that were cut on the host for gradient accumulation (\`Slice\` has no kernel for uint8 on a GPU, \`StridedSlice\` has).
`;
}
