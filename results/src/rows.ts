/** A row of the ladder: all flags of the rows before it, and its own. */
export interface Row {
  readonly name: string;
  readonly change: string;
  /** The trainer's flags as a user would type them. */
  readonly flags: readonly string[];
  /** Trained with every seed, so that the noise between seeds is known. */
  readonly everySeed: boolean;
}

export interface LadderOptions {
  readonly epochs: number;
  /** Whether this CPU computes in bfloat16 fast; else the row is left out. */
  readonly bf16: boolean;
  /** Run folder of the teacher. */
  readonly teacher: string;
}

/** The network that the last row distils from. */
export const teacherName = 'teacher';
/** One teacher for all, whatever seeds are trained. */
export const teacherSeed = 42;
/** The row that PyTorch trains too: all of the recipe that needs no teacher. */
export const comparedName = 'mixup';
/** PyTorch's training of that row. */
export const pytorchName = 'pytorch';
/** The row that needs the teacher's weights. */
export const distilledName = 'distill';

// Later flags go over earlier ones: each row only adds to the row before it.
const plain = [
  ...['--model', 'resnet20', '--batch-size', '128', '--no-warmup', '--no-linear-scaling'],
  ...['--no-zero-gamma', '--bias-decay', '--no-cosine', '--no-label-smoothing', '--no-mixup'],
];

/** The ladder in the paper's order (tables 4 to 6). */
function ladderRows({ epochs, bf16, teacher }: LadderOptions): Row[] {
  const steps = [
    {
      name: 'baseline',
      change: '`resnet20`, batch 128, learning rate 0.1, step decay',
      flags: [...plain, '--decay-epochs', `${epochs / 2},${(epochs * 3) / 4}`],
    },
    {
      name: 'large-batch',
      change: '+ batch 1024 with warmup and linear scaling',
      flags: [
        ...['--batch-size', '1024', '--lr-base-size', '128'],
        ...['--warmup-epochs', `${warmupEpochs(epochs)}`],
      ],
    },
    { name: 'zero-gamma', change: '+ zero gamma', flags: ['--zero-gamma'] },
    { name: 'no-bias-decay', change: '+ no bias decay', flags: ['--no-bias-decay'] },
    ...(bf16 ? [{ name: 'bf16', change: '+ bfloat16', flags: ['--amp'] }] : []),
    { name: 'variant-d', change: '+ variant D (`resnet20d`)', flags: ['--model', 'resnet20d'] },
    { name: 'cosine', change: '+ cosine decay', flags: ['--cosine'] },
    { name: 'smoothing', change: '+ label smoothing 0.1', flags: ['--label-smoothing', '0.1'] },
    { name: comparedName, change: '+ mixup, alpha 0.2', flags: ['--mixup-alpha', '0.2'] },
    {
      name: distilledName,
      change: '+ distillation from the teacher, T = 20',
      flags: ['--teacher', teacher],
    },
  ];
  const flags: string[] = [];
  return steps.map((step, index) => {
    flags.push(...step.flags);
    const everySeed = index === 0 || index === steps.length - 1 || step.name === comparedName;
    return { ...step, flags: [...flags], everySeed };
  });
}

/** The ladder with the teacher before the row that needs it, and PyTorch's row last. */
export function allRows(options: LadderOptions): Row[] {
  const rows = ladderRows(options);
  const pytorch: Row = {
    name: pytorchName,
    change: `PyTorch: the recipe of \`${comparedName}\``,
    flags: [],
    everySeed: true,
  };
  return [
    ...rows.filter(({ name }) => name !== distilledName),
    teacherRow(options),
    ...rows.filter(({ name }) => name === distilledName),
    pytorch,
  ];
}

/** The teacher is trained with cosine and smoothing, as the paper's (section 5.2). */
function teacherRow(options: LadderOptions): Row {
  const smoothing = ladderRows(options).find(({ name }) => name === 'smoothing')!;
  return {
    name: teacherName,
    change: 'the teacher: `resnet56d`, the recipe up to label smoothing',
    flags: [...smoothing.flags, '--model', 'resnet56d'],
    everySeed: false,
  };
}

/** An epoch of 8, where the paper warms up 5 of 120. */
function warmupEpochs(epochs: number): number {
  return Math.min(1, epochs / 2);
}
