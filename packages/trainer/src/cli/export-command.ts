import { existsSync } from 'node:fs';
import { resolve, sep } from 'node:path';
import { findImages, type ImageSource, type SkippedImage } from '@bag-of-tricks/image-data';
import type { Exported, ExportFormat, Quantization } from '@bag-of-tricks/model-export';
import { printable } from '@bag-of-tricks/run-folder';
import type { Trick } from '@bag-of-tricks/train-step';
import { type Command, Option } from 'commander';
import { nativeBackend } from '../backend.ts';
import { inferenceImages } from '../inference/description.ts';
import { type OpenedModel, openModel, readClassNames } from '../inference/open-model.ts';
import { pythonDefinition } from '../networks.ts';
import { createCommand } from './command.ts';
import { checkWritable } from './output-folder.ts';
import { pluginOption } from './plugins.ts';
import { createProgressBar } from './progress-bar.ts';
import { stopOnRequest } from './stop-requests.ts';

/** Here too, for model-export is loaded by the command alone; one that is missing does not compile. */
const formats: Readonly<Record<ExportFormat, true>> = {
  ...{ 'graph-model': true, 'saved-model': true, onnx: true, safetensors: true },
};

interface ExportFlags {
  readonly to: ExportFormat;
  readonly output: string;
  readonly quantize?: Quantization;
  readonly variables?: boolean;
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
    .description(
      'write a network for browsers, servers or Python, which run it without the trainer',
    )
    .argument(
      '<weights>',
      'run folder, checkpoint, .safetensors file named after its network or beside a config.json, or hf:owner/name',
    )
    .option('--output <folder>', 'folder to make (required)')
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
    .option('--variables', 'weights of a saved-model as variables; default: constants')
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
    .action(async (weights: string, { output, ...flags }: ExportFlags, command: Command) => {
      // Commander itself would ask for it before it names an unknown option, such as --out.
      if (!output)
        command.error('error: expected --output <folder>, got none. Name the folder to make');
      const stopping: Stopping = {};
      try {
        const exported = await exportWeights(weights, { output, stopping, ...flags }, plugins);
        for (const note of exported.notes) say(note);
        process.stdout.write(`${printable(describe(exported))}\n`);
      } catch (error) {
        if (!stopping.request?.signal.aborted) throw error;
        process.exitCode = stopping.request.exitCode();
      }
    });
}

/** Ctrl-C and other requests to end are heard once there is something to remove; before, they end the process at once. */
interface Stopping {
  request?: ReturnType<typeof stopOnRequest>;
}

interface StoppableFlags extends ExportFlags {
  readonly stopping: Stopping;
}

async function exportWeights(
  weights: string,
  {
    to: format,
    which: link,
    classNames: names,
    license,
    compare,
    stopping,
    ...options
  }: StoppableFlags,
  plugins: readonly Trick[],
): Promise<Exported> {
  checkWritable(options.output);
  // Here, for no other command needs what it brings.
  const { checkExport, exportModel } = await import('@bag-of-tricks/model-export');
  checkExport({ ...options, format, images: compare });
  const sources = compare === undefined ? undefined : await sourcesIn(compare);
  if (options.quantize && !compare)
    say('--compare <folder> says what fewer bits change on pictures');
  say(`reading ${weights}`);
  const model = await openModel(weights, {
    // It makes graphs, whatever the run trained on.
    backend: nativeBackend,
    ...{ link, plugins, classNames: names ? await readClassNames(names) : undefined },
    onProgress: say,
  });
  const { network, description, source, checkpoint } = model;
  const provenance = {
    source: published(source, checkpoint ? 3 : 1),
    ...(checkpoint && { checkpoint: withoutPath(checkpoint) }),
  };
  const stopSignal = () => {
    stopping.request = stopOnRequest(say, { what: 'stopping', saves: false });
    return stopping.request.signal;
  };
  try {
    const exported = { network, description, license: license ?? model.license, provenance };
    if (exported.license === null)
      say('The licence of these weights is not known: --license <name> puts it into the export');
    const images = sources && pixelsOf(sources, model, stopping);
    const definitions = format === 'safetensors' ? await pythonDefinition(description.model) : {};
    const made = { ...options, format, images, definitions, stopSignal };
    return await exportModel(exported, { ...made, onProgress: say });
  } finally {
    network.dispose();
  }
}

/** The pictures in a folder, which are read when their turn comes. */
async function sourcesIn(folder: string): Promise<ImageSource[]> {
  if (!existsSync(folder))
    throw new Error(
      `--compare ${folder}: expected pictures, there is no such folder. Check the path`,
    );
  const sources: ImageSource[] = [];
  for await (const source of findImages([folder], { onWarning: say })) sources.push(source);
  if (sources.length > 0) return sources;
  throw new Error(`--compare ${folder}: expected pictures, found none. Name another folder`);
}

/** The pixels of pictures as the network sees them, a batch at a time; those that cannot be used are left out. */
async function* pixelsOf(
  sources: readonly ImageSource[],
  { description, limits }: OpenedModel,
  stopping: Stopping,
): AsyncGenerator<Uint8Array> {
  const total = sources.reduce((sum, { size }) => sum + size, 0);
  const bar = createProgressBar(process.stderr, { title: 'compare' });
  const onBadImage = ({ image, reason }: SkippedImage) =>
    bar.print(printable(`${image}: ${reason}; left out`));
  let [done, used] = [0, 0];
  for (const source of sources) {
    const images = await inferenceImages(description, source, limits);
    try {
      const batches = images.evalBatches({ batchSize: 8, epoch: 0 }, { onBadImage });
      for await (const { images: rows, labels } of batches) {
        stopping.request?.signal.throwIfAborted();
        const size = rows.length / labels.length;
        // A bad image is a black row, labelled -1.
        const good = Array.from(labels.keys()).filter((row) => labels[row]! >= 0);
        if (good.length > 0)
          yield Buffer.concat(good.map((row) => rows.subarray(row * size, (row + 1) * size)));
        used += good.length;
        done = Math.min(done + labels.length, total);
        bar.update({ done, total, kept: 0 });
      }
    } finally {
      await images.close();
    }
  }
  if (used === 0) throw new Error('--compare: expected pictures that can be used, found none');
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
  if (format === 'safetensors') return `${output}: ${format}, ${sizes}; read back bit for bit`;
  if (!deviation)
    return `${output}: ${format}, ${sizes}; not compared with the network, for nothing here runs it`;
  const { probability, sameTop1, pictures } = deviation;
  const compared = `on ${pictures} pictures probabilities differ by at most ${probability.toExponential(1)}, the first class is the same on ${(100 * sameTop1).toFixed(1)} %`;
  return `${output}: ${format}, ${sizes}; ${compared}`;
}
