// `npm run demo`: from a fresh clone to a trained network on real images, and the same accuracy from a second process.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { root } from './lib/environment.mjs';
import { runAsProgram } from './lib/program.mjs';
import { setup } from './setup.mjs';

const command = join('packages', 'trainer', 'dist', 'cli', 'main.js');

/**
 * Runs the bag-of-tricks command on the terminal and resolves with what it printed.
 * @param {string[]} args
 * @returns {Promise<string>}
 */
function bagOfTricks(args) {
  console.log(`\n$ node ${command} ${args.join(' ')}`);
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [command, ...args], {
      cwd: root,
      stdio: ['inherit', 'pipe', 'inherit'],
    });
    let output = '';
    // As in `npm run demo | head`: the run is to end in good order then, too.
    process.stdout.on('error', () => child.stdout.destroy());
    child.stdout.setEncoding('utf8').on('data', (text) => {
      output += text;
      process.stdout.write(text);
    });
    // Ctrl-C and a hangup reach the child as well, which saves: wait for it and end alike.
    for (const signal of ['SIGINT', 'SIGHUP']) process.once(signal, () => {});
    process.once('SIGTERM', () => child.kill('SIGTERM'));
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) resolve(output);
      else if (code !== null && code > 128) process.exit(code);
      else
        reject(new Error(`bag-of-tricks ${args[0]} ended with ${code}; its message stands above.`));
    });
  });
}

/** The last row of a run's summary.csv by column name. @param {string} runFolder */
function lastEpoch(runFolder) {
  const [header = '', ...rows] = readFileSync(join(runFolder, 'summary.csv'), 'utf8')
    .trim()
    .split('\n');
  const cells = rows.at(-1)?.split(',') ?? [];
  return Object.fromEntries(header.split(',').map((name, i) => [name, Number(cells[i])]));
}

await runAsProgram(async () => {
  await setup({ library: true });
  const experiment = new Date()
    .toISOString()
    .replace(/[-:]|\..*/g, '')
    .replace('T', '-');
  const runFolder = join(root, 'output', 'demo', experiment);
  const shown = relative(process.cwd(), runFolder);
  const place = ['--output', join('output', 'demo'), '--experiment', experiment];
  await bagOfTricks(['train', '--config', 'fashion-mnist-resnet20d', ...place]);
  const scored = await bagOfTricks(['eval', join('output', 'demo', experiment), '--which', 'last']);

  const { eval_top1: accuracy = Number.NaN, images_per_second: speed = Number.NaN } =
    lastEpoch(runFolder);
  const again = Number(/ \* Acc@1 ([\d.]+)/.exec(scored)?.[1]);
  if (again !== accuracy) {
    throw new Error(
      `eval of the saved checkpoint gave ${again} % top-1, training ended with ${accuracy} %.`,
    );
  }
  console.log(
    `\nTop-1 accuracy on the 10,000 test images: ${accuracy.toFixed(2)} % (the same from the saved checkpoint)`,
  );
  console.log(`Training speed: ${speed.toFixed(1)} img/s`);
  console.log(`Run folder: ${shown}`);
  console.log(`Report: ${join(shown, 'report.html')}`);
});
