export { allFinite } from "./all-finite.js";
export { autocast } from "./autocast/autocast.js";
export { nativeDtype } from "./autocast/native-dtype.js";
export { fastPrecision, probePrecision, } from "./autocast/probe-precision.js";
export { dynamicLossScale } from "./dynamic-loss-scale.js";
export { lossScaleVariables } from "./loss-scale-variables.js";
export { nextLossScale } from "./next-loss-scale.js";
export { nextLossScaleTensors } from "./next-loss-scale-tensors.js";
export { scaleLoss, unscaleGradients } from "./scale.js";
export { scaledStep } from "./scaled-step.js";
export { staticLossScale } from "./static-loss-scale.js";
//# sourceMappingURL=index.js.map