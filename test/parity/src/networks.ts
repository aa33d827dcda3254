import * as mobileNets from '@bag-of-tricks/mobilenet-variants';
import * as resNets from '@bag-of-tricks/resnet-variants';

/** Our network of that name, of either package. */
export function createModel(
  name: string,
  options: mobileNets.NamedMobileNetOptions,
): mobileNets.MobileNet | resNets.ResNet {
  const { createModel } = mobileNets.modelNames().includes(name) ? mobileNets : resNets;
  return createModel(name, options);
}
