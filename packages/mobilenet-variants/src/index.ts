export {
  type ApplyOptions,
  type ImageSize,
  type Init,
  type LoadStateDictOptions,
  type LoadStateDictResult,
  loadStateDict,
  type Padding,
  type StateDict,
  type StateDictEntry,
  toStateDict,
  type UniformTensor,
  type VariableMap,
} from '@bag-of-tricks/network-layers';
export type { Family, MobileNetConfig, MobileNetOptions } from './config.ts';
export { countActivations, countMultiplyAdds, countParameters } from './counts.ts';
export { type MobileNet, mobileNet } from './model.ts';
export { createModel, modelNames, type NamedMobileNetOptions } from './names.ts';
