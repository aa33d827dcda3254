import { expect, test } from 'vitest';
import { runModule } from '../../../test/support/run-module.ts';

const canHold = `
  const { ThreadLog } = await import('@bag-of-tricks/libtensorflow/native');
  console.log((await ThreadLog.open()) !== undefined);
`;

test('what libjpeg says of an image that it repairs has the name of the image, once, and of one that fails nothing is said', async (context) => {
  const { code, stdout, stderr } = await runModule(`
    const repaired = Buffer.from(bytes).fill(0xaa, 5000, 5100);
    const decoder = await open();
    const requests = Array.from({ length: 60 }, (_, i) => request(i % 5 === 0 ? repaired : bytes, 'image-' + i));
    requests.push(request(bytes.subarray(0, 700), 'cut'), request(repaired, 'a\\u001b[31m\\u202egpj\\n.exe'));
    for (let epoch = 0; epoch < 2; epoch++) {
      const { failures } = await decoder.decode(requests);
      console.log(failures.map(({ error }) => error.message).join());
    }
    await decoder.dispose();
    ${canHold}
  `);
  const [first, second, held] = stdout.split('\n');
  expect({ code, first, second }).toEqual({
    code: 0,
    first: 'cut: is a damaged or truncated JPEG',
    second: 'cut: is a damaged or truncated JPEG',
  });
  if (held === 'false') context.skip('this kernel or container gives a thread no descriptors');
  const lines = stderr.trimEnd().split('\n');
  for (const line of lines) expect(line).toMatch(/^"\P{Cc}+" is used as libjpeg repairs it: \w/u);
  const names = new Set(lines.map((line) => line.split('"')[1]));
  const expected = Array.from({ length: 12 }, (_, i) => `image-${5 * i}`);
  expect(names).toEqual(new Set([...expected, 'a\\u001b[31m?gpj\\n.exe']));
});

test('what the process has open stays open, whatever its threads load and decode', async () => {
  const { code, stderr } = await runModule(`
    const { fstatSync, openSync } = await import('node:fs');
    // Several: a thread that closed one would take the lowest number that it has free itself.
    const files = Array.from({ length: 9 }, () => openSync('package.json'));
    const decoder = await open();
    const png = request(readFileSync('fixtures/images/rgb.png'), 'a.png');
    await decoder.decode([...many(8), ...Array(8).fill(png)]);
    await decoder.dispose();
    for (const file of files) fstatSync(file);
  `);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
});

test('a pipe that the process closes is closed, though threads began while it was open', async () => {
  const { code, stdout } = await runModule(`
    const { spawn } = await import('node:child_process');
    const cat = spawn('cat', { stdio: ['pipe', 'ignore', 'ignore'] });
    const decoder = await open();
    await decoder.decode(many(8));
    cat.stdin.end();
    await new Promise((resolve) => cat.on('close', resolve));
    await decoder.dispose();
    console.log('end');
  `);
  expect({ code, stdout }).toEqual({ code: 0, stdout: 'end\n' });
});
