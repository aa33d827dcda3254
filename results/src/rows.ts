/** A row of the ladder: all flags of the rows before it, and its own. */
export interface Row {
  readonly name: string;
  readonly change: string;
  /** The trainer's flags as a user would type them. */
  readonly flags: readonly string[];
}

export interface LadderOptions {
  readonly epochs: number;
  /** Whether this CPU computes in bfloat16 fast; else the row is left out. */
  readonly bf16: boolean;
  /** Run folder of the teacher. */
  readonly teacher: string;
}

export const teacherName = 'teacher';

// Later flags go over earlier ones: each row only adds to the row before it.
const plain = [
  ...['--model', 'resnet20', '--batch-size', '128', '--no-warmup', '--no-linear-scaling'],
  ...['--no-zero-gamma', '--bias-decay', '--no-cosine', '--no-label-smoothing', '--no-mixup'],
];

/** The ladder in the paper's order (tables 4 to 6). */
export function ladderRows({ epochs, bf16, teacher }: LadderOptions): Row[] {
  const steps = [
    {
      name: 'baseline',
      change: 'resnet20, batch 128, learning rate 0.1, steps',
      flags: [...plain, '--decay-epochs', `${epochs / 2},${(epochs * 3) / 4}`],
    },
    {
      name: 'large-batch',
      change: 'batch 1024, same learning rate',
      flags: ['--batch-size', '1024'],
    },
    {
      name: 'warmup-scaling',
      change: '+ warmup and linear scaling',
      flags: ['--linear-scaling', '--warmup-epochs', `${warmupEpochs(epochs)}`],
    },
    { name: 'zero-gamma', change: '+ zero gamma', flags: ['--zero-gamma'] },
    { name: 'no-bias-decay', change: '+ no bias decay', flags: ['--no-bias-decay'] },
    ...(bf16 ? [{ name: 'bf16', change: '+ bfloat16', flags: ['--amp'] }] : []),
    { name: 'variant-d', change: '+ D (resnet20d)', flags: ['--model', 'resnet20d'] },
    { name: 'cosine', change: '+ cosine', flags: ['--cosine'] },
    { name: 'smoothing', change: '+ label smoothing', flags: ['--label-smoothing', '0.1'] },
    { name: 'mixup', change: '+ mixup', flags: ['--mixup-alpha', '0.2'] },
    { name: 'distill', change: '+ distillation (resnet56d)', flags: ['--teacher', teacher] },
  ];
  const flags: string[] = [];
  return steps.map((step) => {
    flags.push(...step.flags);
    return { ...step, flags: [...flags] };
  });
}

/** The teacher is trained with cosine and smoothing, as the paper's (section 5.2). */
export function teacherRow(options: LadderOptions): Row {
  const smoothing = ladderRows(options).find(({ name }) => name === 'smoothing')!;
  return {
    name: teacherName,
    change: 'teacher: resnet56d with cosine and smoothing',
    flags: [...smoothing.flags, '--model', 'resnet56d'],
  };
}

/** An epoch of 8, where the paper warms up 5 of 120. */
function warmupEpochs(epochs: number): number {
  return Math.min(1, epochs / 2);
}
