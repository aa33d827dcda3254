import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const runtime = createRequire(import.meta.url).resolve('onnxruntime-node/package.json');

/** Small true libraries of other systems, which npm brings with ONNX Runtime; their names mean nothing. */
export const foreignBinaries = {
  'darwin-arm64': join(dirname(runtime), 'bin/napi-v6/darwin/arm64/onnxruntime_binding.node'),
  'win32-x64': join(dirname(runtime), 'bin/napi-v6/win32/x64/onnxruntime_binding.node'),
} as const;
