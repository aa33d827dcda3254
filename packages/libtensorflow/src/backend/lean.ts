import {
  Cast,
  ClipByValue,
  Conv2DBackpropFilter,
  DepthwiseConv2dNativeBackpropFilter,
  FusedBatchNorm,
  FusedConv2D,
  getKernel,
  type KernelConfig,
  Mean,
  Reverse,
  registerGradient,
  registerKernel,
  unregisterKernel,
} from '@tensorflow/tfjs-core';
import { addGradient } from './gradients/add.ts';
import { batchNormGradient } from './gradients/batch-norm.ts';
import { meanGradient } from './gradients/mean.ts';
import { clipGradient, relu6Gradient, reluGradient } from './gradients/relu.ts';
import { sumGradient } from './gradients/sum.ts';
import { trainingBatchNormKernel } from './kernels/batch-norm.ts';
import { leanCastKernel } from './kernels/cast.ts';
import { leanClipKernel } from './kernels/clip.ts';
import { leanDepthwiseFilterGradientKernel } from './kernels/depthwise-filter-gradient.ts';
import { exceptionKernels } from './kernels/exceptions.ts';
import { leanFilterGradientKernel } from './kernels/filter-gradient.ts';
import {
  fusedBatchNormGradient,
  fusedBatchNormGradKernel,
  fusedBatchNormKernel,
} from './kernels/fused-batch-norm.ts';
import { nchwFusedConvKernel } from './kernels/fused-conv-nchw.ts';
import {
  groupedConvolutionGradient,
  groupedConvolutionKernel,
} from './kernels/grouped-convolution.ts';
import { opKernels } from './kernels/op-table.ts';
import { rememberingMeanKernel } from './kernels/own-moments.ts';
import { paddedWindowKernels } from './kernels/padded-windows.ts';
import { reluGradKernels } from './kernels/relu-grad.ts';
import { leanReverseKernel } from './kernels/reverse.ts';
import {
  softmaxCrossEntropyGradient,
  softmaxCrossEntropyKernel,
} from './kernels/softmax-cross-entropy.ts';
import { substitutesByKernel, withSubstituteTypes } from './kernels/substitute-types.ts';

/** Registers our kernels for the backend `tensorflow`; call it after tfjs-node's own. */
export function registerLeanKernels(): void {
  for (const kernel of [
    fusedBatchNormGradKernel,
    fusedBatchNormKernel,
    groupedConvolutionKernel,
    softmaxCrossEntropyKernel,
    ...opKernels,
    ...reluGradKernels,
  ]) {
    registerKernel(kernel);
  }
  replaceKernel(Cast, leanCastKernel);
  replaceKernel(Conv2DBackpropFilter, leanFilterGradientKernel);
  replaceKernel(DepthwiseConv2dNativeBackpropFilter, leanDepthwiseFilterGradientKernel);
  for (const replacements of [paddedWindowKernels, exceptionKernels]) {
    for (const [name, replacement] of Object.entries(replacements)) {
      replaceKernel(name, replacement);
    }
  }
  replaceKernel(ClipByValue, leanClipKernel);
  replaceKernel(FusedBatchNorm, trainingBatchNormKernel);
  replaceKernel(Mean, rememberingMeanKernel);
  replaceKernel(Reverse, leanReverseKernel);
  replaceKernel(FusedConv2D, nchwFusedConvKernel);
  for (const [name, substitutes] of Object.entries(substitutesByKernel)) {
    replaceKernel(name, (stock) => withSubstituteTypes(stock, substitutes));
  }
}

function replaceKernel(name: string, lean: (stock: KernelConfig) => KernelConfig): void {
  const stock = getKernel(name, 'tensorflow');
  unregisterKernel(name, 'tensorflow');
  registerKernel(lean(stock));
}

/** Registers our gradients in place of the stock ones: for all backends, as tfjs keeps one gradient a kernel. */
export function registerLeanGradients(): void {
  for (const gradient of [
    addGradient,
    batchNormGradient,
    clipGradient,
    fusedBatchNormGradient,
    groupedConvolutionGradient,
    meanGradient,
    relu6Gradient,
    reluGradient,
    softmaxCrossEntropyGradient,
    sumGradient,
  ]) {
    registerGradient(gradient);
  }
}
