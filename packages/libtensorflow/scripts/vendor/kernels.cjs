// The one file with deep imports of tfjs packages: tfjs-node-gpu exports neither its backend class nor
// its kernels without its native addon, and tfjs-core keeps its gradients out of its own entry point.
// scripts/bundle-kernels.mjs bundles this file; nothing else may import these paths.
exports.NodeJSKernelBackend =
  require('@tensorflow/tfjs-node-gpu/dist/nodejs_kernel_backend.js').NodeJSKernelBackend;
exports.registerKernels = () => require('@tensorflow/tfjs-node-gpu/dist/register_all_kernels.js');
exports.registerGradients = () => require('@tensorflow/tfjs-core/dist/register_all_gradients.js');
