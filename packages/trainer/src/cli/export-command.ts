import {
  type Exported,
  type ExportFormat,
  exportFormats,
  exportModel,
  type Quantization,
} from '@bag-of-tricks/model-export';
import { printable } from '@bag-of-tricks/run-folder';
import type { Trick } from '@bag-of-tricks/train-step';
import { type Command, Option } from 'commander';
import { openModel, readClassNames } from '../inference/open-model.ts';
import { createCommand } from './command.ts';
import { checkWritable } from './output-folder.ts';
import { pluginOption } from './plugins.ts';

interface ExportFlags {
  readonly to: ExportFormat;
  readonly output: string;
  readonly quantize?: Quantization;
  readonly which: 'best' | 'last';
  readonly classNames?: string;
  readonly license?: string;
  readonly force?: boolean;
}

/** `bag-of-tricks export <weights>`: a network as files for other programs. */
export function exportCommand(plugins: readonly Trick[] = []): Command {
  return createCommand('export')
    .description('write a network for browsers, servers or Python: it runs there without us')
    .argument(
      '<weights>',
      'run folder, checkpoint, .safetensors file named after its network or beside a config.json, or hf:owner/name',
    )
    .requiredOption('--output <folder>', 'folder to make')
    .addOption(
      new Option('--to <format>', 'what to write').choices(exportFormats).default('graph-model'),
    )
    .addOption(
      new Option(
        '--quantize <type>',
        'kernels of a graph-model in fewer bits; default: float32',
      ).choices(['float16', 'uint8']),
    )
    .addOption(
      new Option('--which <name>', 'checkpoint of a run folder')
        .choices(['best', 'last'])
        .default('best'),
    )
    .option('--class-names <file>', 'JSON array or lines; default: those of the weights')
    .option('--license <name>', 'of the weights; default: that of those they began with')
    .option('--force', 'replace an export that is there')
    .addOption(pluginOption())
    .action(async (weights: string, flags: ExportFlags) => {
      process.stdout.write(
        `${printable(describe(await exportWeights(weights, flags, plugins)))}\n`,
      );
    });
}

async function exportWeights(
  weights: string,
  { to: format, which: link, classNames: names, license, ...options }: ExportFlags,
  plugins: readonly Trick[],
): Promise<Exported> {
  checkWritable(options.output);
  const model = await openModel(weights, {
    ...{ link, plugins, classNames: names ? await readClassNames(names) : undefined },
    onProgress: (line) => void process.stderr.write(`${printable(line)}\n`),
  });
  const { network, description, source, checkpoint } = model;
  const provenance = { source, ...(checkpoint && { checkpoint }) };
  try {
    const exported = { network, description, license: license ?? model.license, provenance };
    return await exportModel(exported, { ...options, format });
  } finally {
    network.dispose();
  }
}

const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(2)} MB`;

function describe({ output, format, files, deviation }: Exported): string {
  const bytes = Object.values(files).reduce((sum, size) => sum + size, 0);
  const sizes = `${Object.keys(files).length} files, ${megabytes(bytes)}`;
  if (!deviation) return `${output}: ${format}, ${sizes}`;
  const { probability, sameTop1 } = deviation;
  const compared = `probabilities differ by at most ${probability.toExponential(1)} on made-up pictures, the first class is the same on ${Math.round(100 * sameTop1)} %`;
  return `${output}: ${format}, ${sizes}; ${compared}`;
}
