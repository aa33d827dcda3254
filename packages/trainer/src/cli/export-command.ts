import { resolve, sep } from 'node:path';
import { findImages, type SkippedImage } from '@bag-of-tricks/image-data';
import type { Exported, ExportFormat, Quantization } from '@bag-of-tricks/model-export';
import { printable } from '@bag-of-tricks/run-folder';
import type { Trick } from '@bag-of-tricks/train-step';
import { type Command, Option } from 'commander';
import { inferenceImages } from '../inference/description.ts';
import { type OpenedModel, openModel, readClassNames } from '../inference/open-model.ts';
import { createCommand } from './command.ts';
import { checkWritable } from './output-folder.ts';
import { pluginOption } from './plugins.ts';

/** Here too, for model-export is loaded by the command alone; one that is missing does not compile. */
const formats: Readonly<Record<ExportFormat, true>> = {
  ...{ 'graph-model': true, 'saved-model': true, onnx: true, safetensors: true },
};

interface ExportFlags {
  readonly to: ExportFormat;
  readonly output: string;
  readonly quantize?: Quantization;
  readonly which: 'best' | 'last';
  readonly classNames?: string;
  readonly license?: string;
  readonly compare?: string;
  readonly force?: boolean;
}

const say = (line: string) => void process.stderr.write(`${printable(line)}\n`);

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
      new Option('--to <format>', 'what to write')
        .choices(Object.keys(formats))
        .default('graph-model'),
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
    .option('--compare <folder>', 'pictures on which it is compared; default: four made up')
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
  { to: format, which: link, classNames: names, license, compare, ...options }: ExportFlags,
  plugins: readonly Trick[],
): Promise<Exported> {
  checkWritable(options.output);
  if (options.quantize && !compare)
    say('--compare <folder> says what fewer bits change on pictures');
  const model = await openModel(weights, {
    ...{ link, plugins, classNames: names ? await readClassNames(names) : undefined },
    onProgress: say,
  });
  const { network, description, source, checkpoint } = model;
  const provenance = {
    source: published(source, checkpoint ? 3 : 1),
    ...(checkpoint && { checkpoint: withoutPath(checkpoint) }),
  };
  try {
    // Here, for no other command needs what it brings.
    const { exportModel } = await import('@bag-of-tricks/model-export');
    const exported = { network, description, license: license ?? model.license, provenance };
    const images = compare === undefined ? undefined : await pixelsIn(compare, model);
    return await exportModel(exported, { ...options, format, images });
  } finally {
    network.dispose();
  }
}

/** The pixels of all pictures in a folder, as the network sees them; those that cannot be used are left out. */
async function pixelsIn(folder: string, { description, limits }: OpenedModel): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for await (const source of findImages([folder], { onWarning: say })) {
    const images = await inferenceImages(description, source, limits);
    const onBadImage = ({ image, reason }: SkippedImage) => say(`${image}: ${reason}; left out`);
    const batches = images.evalBatches({ batchSize: 32, epoch: 0 }, { onBadImage });
    for await (const { images: rows, labels } of batches) {
      const size = rows.length / labels.length;
      // A bad image is a black row, labelled -1.
      for (const [row, label] of labels.entries())
        if (label >= 0) parts.push(rows.slice(row * size, (row + 1) * size));
    }
    await images.close();
  }
  if (parts.length > 0) return Buffer.concat(parts);
  throw new Error(
    `--compare ${folder}: expected pictures that can be used, found none. Name a folder of JPEG, PNG, GIF or BMP files`,
  );
}

/** The last names of a path, for an export goes to others: a run, its checkpoints and the one. `hf:owner/name` stays. */
const published = (source: string, names: number): string =>
  source.startsWith('hf:') ? source : resolve(source).split(sep).slice(-names).join('/');

const withoutPath = ({ pretrained, ...checkpoint }: NonNullable<OpenedModel['checkpoint']>) => ({
  ...checkpoint,
  pretrained: pretrained && { ...pretrained, source: published(pretrained.source, 1) },
});

const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(2)} MB`;

function describe({ output, format, files, deviation }: Exported): string {
  const bytes = Object.values(files).reduce((sum, size) => sum + size, 0);
  const sizes = `${Object.keys(files).length} files, ${megabytes(bytes)}`;
  if (!deviation)
    return `${output}: ${format}, ${sizes}; not compared with the network, for nothing here runs it`;
  const { probability, sameTop1, pictures } = deviation;
  const compared = `on ${pictures} pictures probabilities differ by at most ${probability.toExponential(1)}, the first class is the same on ${(100 * sameTop1).toFixed(1)} %`;
  return `${output}: ${format}, ${sizes}; ${compared}`;
}
