import { createRequire } from 'node:module';
import type { Binding } from './binding.ts';
import type { VendorBackend } from './node-backend.ts';

/** What `scripts/bundle-kernels.mjs` bundles of tfjs-node-gpu and tfjs-core. */
export interface Vendor {
  readonly NodeJSKernelBackend: new (binding: Binding, packageName: string) => VendorBackend;
  readonly registerKernels: () => void;
  readonly registerGradients: () => void;
}

/** Loads the bundle; not at import, for it takes a while. */
export function loadVendor(): Vendor {
  // From src/backend as from dist/backend, this is the built file.
  return createRequire(import.meta.url)('../../dist/vendor/kernels.cjs') as Vendor;
}
