import type { LibraryLocation } from '../library/location.ts';
import type { Device } from '../native/devices.ts';
import { type Finding, ok, warn } from './finding.ts';

/** Whether the NVIDIA cards that the system has can be used for training. */
export function gpuFinding(
  cards: readonly string[] | { readonly reason: string },
  location: LibraryLocation | undefined,
  devices: readonly Device[],
  os: string = process.platform,
): Finding {
  if ('reason' in cards) return ok('NVIDIA GPU', `none (${cards.reason})`);
  const value = cards.map((card) => card.replace(/ \(UUID.*/, '')).join(', ');
  if (devices.some(({ type }) => type === 'GPU')) return ok('NVIDIA GPU', value);
  if (os === 'win32') {
    const remedy = 'The last TensorFlow with CUDA on Windows itself was 2.10: use WSL 2.';
    return warn('NVIDIA GPU', value, remedy);
  }
  if (location === undefined) return ok('NVIDIA GPU', `${value} (the GPU build will be installed)`);
  const remedy =
    location.preload.length === 0
      ? 'The library has no CUDA: install the GPU build with installLibrary({ gpu: true }).'
      : 'TensorFlow does not see it: look at the driver (nvidia-smi) and at CUDA_VISIBLE_DEVICES.';
  return warn('NVIDIA GPU', value, remedy);
}
