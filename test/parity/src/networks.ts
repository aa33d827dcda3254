import * as mobileNets from '@bag-of-tricks/mobilenet-variants';
import * as resNets from '@bag-of-tricks/resnet-variants';

/** The plain ResNets that have a row in RESULTS.md: timm's, A of the paper, and those for small images. */
const PLAIN = [
  ...['10t', '14t', '18', '18d', '26', '26d', '26t', '34', '34d', '50', '50a', '50c', '50d', '50t'],
  ...['101', '101c', '101d', '152', '152c', '152d', '200', '200d', '269'],
  ...['20', '20d', '20_pad', '32', '32_pad', '44', '44_pad', '56', '56_pad', '110', '110_pad'],
].map((name) => `resnet${name}`);

/** The networks of RESULTS.md: every name but those that differ in a letter or in who gave it. */
export const NAMES: readonly string[] = [
  ...mobileNets.modelNames(),
  ...PLAIN,
  ...resNets.modelNames().filter((name) => !/^(cifar_)?resnet\d+/.test(name)),
];

/** Our network of that name, of either package. */
export function createModel(
  name: string,
  options: mobileNets.NamedMobileNetOptions,
): mobileNets.MobileNet | resNets.ResNet {
  const { createModel } = mobileNets.modelNames().includes(name) ? mobileNets : resNets;
  return createModel(name, options);
}
