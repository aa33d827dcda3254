import type * as files from 'node:fs/promises';

const none = { at: Number.POSITIVE_INFINITY, kind: 'kill', sync: '', symlink: '' };

/** Which operation fails, counted from 0, and how: a kill ends all later ones too, and leaves a write half done. */
export const faults = {
  count: 0,
  at: Number.POSITIVE_INFINITY,
  kind: 'kill',
  sync: '',
  symlink: '',
  read: '',
};

/** Runs something with a fault; what it throws is returned, for a killed process throws nothing. */
export async function withFault(
  fault: Partial<typeof faults>,
  action: () => Promise<unknown>,
): Promise<unknown> {
  Object.assign(faults, none, { count: 0 }, fault);
  const thrown = await action().then(
    () => null,
    (error: unknown) => error,
  );
  Object.assign(faults, none);
  return thrown;
}

const failure = (code: string) => Object.assign(new Error(code), { code });

/** Counts an operation, and fails it when it is its turn. */
function pass(): void {
  const number = faults.count++;
  const isDead = faults.kind === 'kill' && number > faults.at;
  if (number === faults.at || isDead) throw failure(faults.kind);
}

function handle(file: files.FileHandle): files.FileHandle {
  return {
    async writeFile(content: string | Uint8Array) {
      if (faults.count === faults.at) await file.writeFile(content.slice(0, content.length / 2));
      pass();
      await file.writeFile(content);
    },
    async sync() {
      pass();
      if (faults.sync && (await file.stat()).isDirectory()) throw failure(faults.sync);
    },
    close: () => file.close(),
  } as unknown as files.FileHandle;
}

/** `node:fs/promises` with faults in all that changes something, and without the wait for the disk. */
export function faulty(real: typeof files): typeof files {
  const failing =
    <Args extends unknown[], Result>(call: (...args: Args) => Promise<Result>, code = () => '') =>
    async (...args: Args): Promise<Result> => {
      pass();
      if (code()) throw failure(code());
      return call(...args);
    };
  return {
    ...real,
    open: (async (path: string, flags: string) => {
      pass();
      return handle(await real.open(path, flags));
    }) as typeof real.open,
    readFile: (async (...args: Parameters<typeof real.readFile>) => {
      if (faults.read) throw failure(faults.read);
      return real.readFile(...args);
    }) as typeof real.readFile,
    mkdir: failing(real.mkdir as never) as typeof real.mkdir,
    rename: failing(real.rename),
    rm: failing(real.rm),
    symlink: failing(real.symlink, () => faults.symlink),
  };
}
