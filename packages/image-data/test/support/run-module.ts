import { execFile } from 'node:child_process';

const prelude = `
  import { readFileSync, readdirSync } from 'node:fs';
  import { createImageDecoder, evalBatches, resizeCenterCrop } from '@bag-of-tricks/image-data';
  const place = resizeCenterCrop({ size: 48, resize: 54 });
  const bytes = readFileSync('fixtures/images/h2v2.jpg');
  const damaged = readFileSync('fixtures/images/rgb.png').fill(0, 1000, 1010);
  const placement = place({ height: 101, width: 137 }, Math.random);
  const request = (content = bytes, name = 'one.jpg') => ({ image: { kind: 'encoded', bytes: content }, name, placement });
  const many = (length = 400) => Array.from({ length }, () => request());
  const open = (threads = 2) => createImageDecoder({ size: 48, threads });
  const outcome = (promise) => promise.then(() => 'done', (error) => error.message.split(',')[0]);
`;

/** What a module that decodes prints in a process of its own, its exit code and its errors. */
export function runModule(script: string) {
  return new Promise<{ code: unknown; stdout: string; stderr: string }>((resolve) => {
    const options = { cwd: new URL('../..', import.meta.url), timeout: 60_000 };
    const args = ['--expose-gc', '--input-type=module', '-e', prelude + script];
    execFile(process.execPath, args, options, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : (error.code ?? error.signal), stdout, stderr }),
    );
  });
}
