// Runs in the browser of browser.test.ts, bundled.
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import '@tensorflow/tfjs-backend-webgpu';
import { resnetSteps } from './resnet-steps.ts';

setWasmPaths('/wasm/');

Object.assign(globalThis, { resnetSteps });
