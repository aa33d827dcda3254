import { alternate } from '../compare/rounds.ts';
import { oursCommand, pythonProgram } from '../contestants/contestants.ts';
import { runChild } from '../contestants/run-child.ts';
import { type Layer, layersOf } from '../layers.ts';
import { type LayerSpec, type LayerTimes, PASSES, type PassTime } from '../ours/layer-times.ts';
import { busyWarning } from '../report/busy-machine.ts';
import { threeDigits } from '../report/numbers.ts';
import { describeProvenance, type Provenance, provenance } from '../report/provenance.ts';
import { formatTable } from '../report/table.ts';
import { median, relativeDifference } from '../statistics.ts';

/** How the layers are measured. */
export interface LayersOptions extends Omit<LayerSpec, 'layers'> {
  readonly networks: readonly string[];
  readonly imageSize: number;
  readonly rounds: number;
  /** The interpreter with PyTorch. */
  readonly python: string;
  readonly report: (text: string) => void;
}

type Times = Readonly<Record<string, Pick<PassTime, 'ms' | 'cpuMs'>>>;

/** What `bench layers --json` prints: of each pass the medians over the rounds, by contestant. */
export interface LayersReport extends Provenance {
  readonly networks: readonly {
    readonly network: string;
    readonly layers: readonly {
      readonly layer: Layer;
      readonly passes: Readonly<Record<(typeof PASSES)[number], Times>>;
    }[];
  }[];
  readonly warning: string | null;
}

const CONTESTANTS = ['ours', 'pytorch', 'pytorch-channels-last'] as const;

/** Convolutions in different orders of adding; the sums are of up to 10^5 numbers. */
const TOLERANCE = 1e-3;

/** Measures the grouped convolutions of networks, forward and both gradients, against PyTorch. */
export async function layersReport(options: LayersOptions): Promise<LayersReport> {
  const { imageSize, rounds, python, report } = options;
  const before = await provenance('layers');
  const all: LayerTimes[] = [];
  const networks = [];
  for (const network of options.networks) {
    const layers = layersOf(network, imageSize);
    const spec: LayerSpec = { ...options, layers };
    const run = async (name: string, round: number) => {
      const python_spec = JSON.stringify({ ...spec, channelsLast: name.endsWith('last') });
      const times = await runChild<LayerTimes>(
        name === 'ours'
          ? oursCommand('layer-times', spec)
          : { file: python, args: [pythonProgram('layer_times'), python_spec] },
      );
      report(`${network}, round ${round + 1}/${rounds}: ${name}`);
      return times;
    };
    const results = await alternate(CONTESTANTS, { rounds, run });
    all.push(...[...results.values()].flat());
    networks.push({ network, layers: layers.map((layer, i) => passesOf(layer, i, results)) });
  }
  return { ...before, networks, warning: busyWarning(all) };
}

/** @throws Error where two contestants compute different things. */
function passesOf(layer: Layer, index: number, results: ReadonlyMap<string, LayerTimes[]>) {
  const timesOf = (pass: (typeof PASSES)[number]) => {
    const entries = [...results].map(([name, rounds]) => {
      const times = rounds.map(({ layers }) => layers[index]![pass]);
      const of = (key: 'ms' | 'cpuMs') => median(times.map((time) => time[key]));
      return [name, { ms: of('ms'), cpuMs: of('cpuMs') }, times[0]!.norm] as const;
    });
    const [, , expected] = entries[0]!;
    const other = entries.find(([, , norm]) => !(relativeDifference(norm, expected) < TOLERANCE));
    if (other) {
      throw new Error(
        `${pass} of ${describe(layer)}: expected the norm ${expected} of ours, got ${other[2]} of ${other[0]}. Their speed is not compared.`,
      );
    }
    return Object.fromEntries(entries.map(([name, times]) => [name, times]));
  };
  const passes = Object.fromEntries(PASSES.map((pass) => [pass, timesOf(pass)]));
  return { layer, passes: passes as Record<(typeof PASSES)[number], Times> };
}

function describe({ size, channels, kernelSize, stride, groups }: Layer): string {
  const grouping = groups === channels ? 'depthwise' : `${groups} groups`;
  return `${size} px, ${channels} channels, ${kernelSize}x${kernelSize}/${stride}, ${grouping}`;
}

/** The report for a reader: of each pass our milliseconds and those of PyTorch's better layout, and the same of a network's layers together. */
export function formatLayers({ networks, warning, ...rest }: LayersReport): string {
  const cells = (ours: number, theirs: number) =>
    `${threeDigits(ours)} / ${threeDigits(theirs)} = ${(theirs / ours).toFixed(2)}`;
  const tables = networks.map(({ network, layers }) => {
    const sums = (pass: (typeof PASSES)[number], key: 'ms' | 'cpuMs') => (name: string) =>
      layers.reduce((sum, { layer, passes }) => sum + layer.count * passes[pass][name]![key], 0);
    const row = (
      title: string,
      of: (pass: (typeof PASSES)[number]) => (name: string) => number,
    ) => [
      title,
      ...PASSES.map((pass) => {
        const [ours, ...theirs] = CONTESTANTS.map(of(pass));
        return cells(ours!, Math.min(...theirs));
      }),
    ];
    const rows = layers.map(({ layer, passes }) =>
      row(`${describe(layer)} (${layer.count})`, (pass) => (name) => passes[pass][name]!.ms),
    );
    return formatTable(
      [`${network}: ms, PyTorch's, ratio`, ...PASSES],
      [
        ...rows,
        row('together', (pass) => sums(pass, 'ms')),
        row('together, processor time', (pass) => sums(pass, 'cpuMs')),
      ],
    );
  });
  return [describeProvenance(rest), ...tables, ...(warning === null ? [] : [warning])].join('\n\n');
}
