export { startWasm } from './start-wasm.ts';
