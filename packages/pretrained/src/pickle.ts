import { open } from 'node:fs/promises';
import { extname } from 'node:path';

/** How files begin that `torch.save` wrote: a zip archive, or before PyTorch 1.6 a pickle of protocol 2 to 5. */
const isPickle = ([first, second, third, fourth]: Uint8Array) =>
  (first === 0x50 && second === 0x4b && third === 3 && fourth === 4) ||
  (first === 0x80 && second! >= 2 && second! <= 5);

/** The endings that PyTorch's files have. */
export const pickled = ['.pth', '.pt', '.bin', '.ckpt', '.tar'];

/** The line of Python that makes a .safetensors file of a pickled one, which stays. */
export function conversionLine(path: string): string {
  const extension = extname(path);
  const stem = path.slice(0, path.length - extension.length);
  const target = `${stem}${extension === '.safetensors' ? '.converted' : ''}.safetensors`;
  const load = `d = torch.load(${JSON.stringify(path)}, map_location="cpu", weights_only=True)`;
  const inner = 'd = d.get("state_dict", d.get("model", d))';
  const save = `save_file({k: v.contiguous().clone() for k, v in d.items()}, ${JSON.stringify(target)})`;
  return `import torch; from safetensors.torch import save_file; ${load}; ${inner}; ${save}`;
}

/**
 * Refuses a file that PyTorch pickled, by its first bytes: reading one runs what is in it.
 *
 * @throws Error with the line of Python that converts it.
 */
export async function refusePickle(path: string): Promise<void> {
  const handle = await open(path, 'r');
  const bytes = new Uint8Array(4);
  try {
    await handle.read(bytes, 0, 4, 0);
  } finally {
    await handle.close();
  }
  if (isPickle(bytes)) throw pickleError(path);
}

export const pickleError = (path: string) =>
  new Error(
    `${path}: expected a .safetensors file, got one of PyTorch's pickles, which we never read, for that runs what is in it. Convert it, with this line of Python if you trust it:\n  ${conversionLine(path)}`,
  );
