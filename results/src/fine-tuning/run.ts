import { existsSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { availableParallelism, loadavg } from 'node:os';
import { join, resolve } from 'node:path';
import { runState } from '../run-folders.ts';
import { type Command, pythonProgram, spawnInherited, trainerCli } from '../spawn.ts';
import {
  epochsOf,
  evalImagesOfClass,
  flagsOf,
  folderName,
  recipe,
  type Training,
} from './recipe.ts';

/** Where images, weights and runs are. */
export interface Places {
  /** CIFAR-10 with train/<class> and test/<class>. */
  readonly dataDir: string;
  /** The .safetensors file to start from. */
  readonly pretrained: string;
  /** For the folders of fewer images, which are made of links. */
  readonly workFolder: string;
  readonly runsFolder: string;
}

/** A folder with the first images of each class, in the order of their names; those of `test` are the same at every size. */
export function linkImages({ dataDir, workFolder }: Places, images: number): string {
  const folder = join(workFolder, `cifar10-${images}`);
  rmSync(folder, { recursive: true, force: true });
  const perClass = { train: images / recipe.numClasses, test: evalImagesOfClass };
  for (const [split, count] of Object.entries(perClass)) {
    for (const name of readdirSync(join(dataDir, split))) {
      const files = readdirSync(join(dataDir, split, name))
        .sort()
        .slice(0, count);
      if (files.length < count) {
        throw new Error(
          `linkImages: expected ${count} images in ${join(dataDir, split, name)}, got ${files.length}.`,
        );
      }
      mkdirSync(join(folder, split, name), { recursive: true });
      for (const file of files) {
        symlinkSync(resolve(dataDir, split, name, file), join(folder, split, name, file));
      }
    }
  }
  return folder;
}

/** What libtensorflow sets for us: big blocks are not returned to the kernel between steps. PyTorch gains from it too. */
const keepsFreedMemory =
  'glibc.malloc.mmap_max=0:glibc.malloc.trim_threshold=2147483647:glibc.malloc.top_pad=268435456:glibc.malloc.arena_max=1';

async function pytorchCommand(
  training: Training,
  { pretrained, runsFolder }: Places,
  dataDir: string,
): Promise<Command> {
  const { provenance, command } = await pythonProgram('fine_tune.py');
  const folder = join(runsFolder, folderName(training));
  const spec = {
    ...recipe,
    ...{ folder, dataDir, pretrained, seed: training.seed, epochs: epochsOf[training.images] ?? 1 },
    ...{ bfloat16: false, threads: availableParallelism(), workers: 1 },
    ...provenance,
  };
  mkdirSync(folder, { recursive: true });
  const lines = Object.entries(spec).map(([name, value]) => `${name}: ${JSON.stringify(value)}\n`);
  writeFileSync(join(folder, 'args.yaml'), `# python/fine_tune.py\n${lines.join('')}`);
  return command(spec, { GLIBC_TUNABLES: keepsFreedMemory });
}

/** Trains what is missing, one after another, until one does not end well; `onEnd` follows each. */
export async function runFineTuning(
  trainings: readonly Training[],
  places: Places,
  onEnd: () => void,
): Promise<number> {
  const { pretrained, runsFolder } = places;
  if (!existsSync(pretrained)) {
    throw new Error(`--pretrained: expected a .safetensors file, found none at ${pretrained}.`);
  }
  for (const training of trainings) {
    const name = folderName(training);
    const folder = join(runsFolder, name);
    if (runState(folder) === 'finished') continue;
    rmSync(folder, { recursive: true, force: true });
    const dataDir = linkImages(places, training.images);
    const flags = flagsOf(training, pretrained);
    const own = ['--data-dir', dataDir, '--output', runsFolder, '--experiment', name];
    const command =
      training.way === 'pytorch'
        ? await pytorchCommand(training, places, dataDir)
        : { file: process.execPath, args: [trainerCli, 'train', ...flags, ...own] };
    const start = performance.now();
    const code = await spawnInherited(command);
    if (code !== 0) return code;
    const seconds = Math.round((performance.now() - start) / 100) / 10;
    const load = loadavg()[0];
    writeFileSync(join(folder, 'wall.json'), `${JSON.stringify({ seconds, load })}\n`);
    onEnd();
  }
  return 0;
}
