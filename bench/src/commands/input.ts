import {
  type CompareInputOptions,
  compareInput,
  type InputReport,
  inputTitle,
} from '../compare/compare-input.ts';
import type { InputRatio } from '../compare/input-summary.ts';
import { oursCommand } from '../contestants/contestants.ts';
import type { InputSpec } from '../contestants/input-spec.ts';
import { runChild } from '../contestants/run-child.ts';
import type { FolderCount } from '../ours/count-images.ts';
import { busyWarning } from '../report/busy-machine.ts';
import { formatInput } from '../report/input-table.ts';
import {
  describeProvenance,
  mergeVersions,
  type Provenance,
  provenance,
} from '../report/provenance.ts';

/** Which kinds of input are measured, and on what. */
export interface InputOptions extends CompareInputOptions {
  /** null: photographs made for it. */
  readonly dataDir: string | null;
  readonly transforms: readonly InputSpec['transform'][];
  readonly antialias: readonly boolean[];
  readonly imagesPerEpoch: number;
  readonly epochs: number;
  /** A folder that exists, for photographs that are made. */
  readonly workFolder: string;
}

/** Our loader over torchvision's best, with and without antialias; what was not measured is missing. */
export type InputRatios = Partial<
  Record<InputSpec['transform'], { antialias?: InputRatio; plain?: InputRatio }>
>;

/** What `bench input --json` prints. */
export interface InputCommandReport extends Provenance {
  readonly versions: Readonly<Record<string, string>>;
  /** What was loaded: the folder's photographs, or made ones. */
  readonly data: { readonly folder: string | null; readonly images: number };
  readonly options: Pick<InputSpec, 'batchSize' | 'imageSize' | 'imagesPerEpoch' | 'epochs'> & {
    readonly rounds: number;
  };
  readonly inputs: readonly InputReport[];
  readonly ratios: InputRatios;
  /** Why the figures should not be used; null when nothing speaks against them. */
  readonly warning: string | null;
}

/** Compares loading images with torchvision. */
export async function inputReport(options: InputOptions): Promise<InputCommandReport> {
  const before = await provenance('input');
  const { dataDir, epochs, imagesPerEpoch, rounds, workFolder } = options;
  const task = dataDir === null ? 'make-photographs' : 'count-images';
  const folder = dataDir ?? workFolder;
  const { images } = await runChild<FolderCount>(oursCommand(task, { folder }));
  const shared = {
    folder,
    batchSize: 64,
    imageSize: 224,
    resizeTo: 256,
    imagesPerEpoch,
    epochs,
    seed: 1,
  };
  const inputs: InputReport[] = [];
  for (const transform of options.transforms) {
    for (const antialias of options.antialias) {
      inputs.push(await compareInput({ ...shared, transform, antialias }, options));
    }
  }
  const measured = inputs.flatMap((input) => Object.values(input.rounds));
  return {
    ...before,
    versions: mergeVersions(measured),
    data: { folder: dataDir, images },
    options: { rounds, batchSize: 64, imageSize: 224, imagesPerEpoch, epochs },
    inputs,
    ratios: ratiosOf(inputs),
    warning: busyWarning(measured.flat()),
  };
}

/** The ratios by kind of input. */
export function ratiosOf(
  inputs: readonly Pick<InputReport, 'transform' | 'antialias' | 'ratio'>[],
): InputRatios {
  const ratios: InputRatios = {};
  for (const { transform, antialias, ratio } of inputs) {
    if (ratio === null) continue;
    ratios[transform] = { ...ratios[transform], [antialias ? 'antialias' : 'plain']: ratio };
  }
  return ratios;
}

/** The report for a reader. */
export function formatInputReport(report: InputCommandReport): string {
  const { data, options, inputs } = report;
  const versions = Object.entries(report.versions).map(([name, version]) => `${name} ${version}`);
  const what =
    `${data.images} ${data.folder === null ? 'photographs made for it' : `images of ${data.folder}`}, batches of ${options.batchSize}, ` +
    `${options.imageSize} px, ${options.epochs} epochs of ${options.imagesPerEpoch} images`;
  const ratios = inputs.flatMap(({ ratio, ...input }) =>
    ratio === null
      ? []
      : [
          `${inputTitle(input)}: ours over ${ratio.over} ${ratio.median.toFixed(2)}, target ${ratio.target} ${ratio.reached ? 'reached' : 'missed'}`,
        ],
  );
  return [
    `${describeProvenance(report)}\n${versions.join(', ')}\n${what}`,
    ...inputs.map(formatInput),
    ratios.join('\n'),
    ...(report.warning === null ? [] : [report.warning]),
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}
