/** A convolution in groups, and how often a network has it. */
export interface Layer {
  /** Height and width of its input in pixels. */
  readonly size: number;
  readonly channels: number;
  readonly kernelSize: number;
  readonly stride: number;
  /** As many as channels: depthwise. */
  readonly groups: number;
  readonly count: number;
}

/** `size channels kernelSize stride count` at 224 px, from the images on. */
const NETWORKS: Readonly<Record<string, readonly string[]>> = {
  mobilenetv2_100: [
    ...['112 32 3 1 1', '112 96 3 2 1', '56 144 3 1 1', '56 144 3 2 1', '28 192 3 1 2'],
    ...['28 192 3 2 1', '14 384 3 1 4', '14 576 3 1 2', '14 576 3 2 1', '7 960 3 1 3'],
  ],
  efficientnet_lite0: [
    ...['112 32 3 1 1', '112 96 3 2 1', '56 144 3 1 1', '56 144 5 2 1', '28 240 5 1 1'],
    ...['28 240 3 2 1', '14 480 3 1 2', '14 480 5 1 1', '14 672 5 1 2', '14 672 5 2 1'],
    ...['7 1152 5 1 3', '7 1152 3 1 1'],
  ],
  resnext50_32x4d: [
    ...['56 128 3 1 3', '56 256 3 2 1', '28 256 3 1 3', '28 512 3 2 1', '14 512 3 1 5'],
    ...['14 1024 3 2 1', '7 1024 3 1 2'],
  ],
};

/** The networks whose layers can be measured one by one. */
export const LAYER_NETWORKS: readonly string[] = Object.keys(NETWORKS);

/**
 * The grouped convolutions of a network, depthwise ones among them, for images of that size.
 *
 * @throws RangeError naming the networks that there are.
 */
export function layersOf(network: string, imageSize: number): Layer[] {
  const rows = NETWORKS[network];
  if (rows === undefined) {
    throw new RangeError(
      `--networks: expected some of ${LAYER_NETWORKS.join(', ')}, got ${JSON.stringify(network)}.`,
    );
  }
  return rows.map((row) => {
    const [size, channels, kernelSize, stride, count] = row.split(' ').map(Number) as [
      ...[number, number, number, number, number],
    ];
    const groups = network.startsWith('resnext') ? 32 : channels;
    return {
      size: Math.ceil((size * imageSize) / 224),
      channels,
      kernelSize,
      stride,
      groups,
      count,
    };
  });
}
