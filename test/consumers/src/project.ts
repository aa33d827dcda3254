import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import type { Tarball } from './tarballs.ts';

const execute = promisify(execFile);
const projects = resolve(import.meta.dirname, '..', 'projects');

export interface Project {
  readonly folder: string;
  /** Runs a command there as its user would; returns what it printed. */
  run(command: string, ...args: string[]): Promise<string>;
  /** A folder of the project, made if need be, for what writes files while others do. */
  inside(name: string): Project;
}

/** Copies one of `projects/` to a fresh folder and puts the tarballs in the place of our packages. */
export function createProject(
  name: string,
  folder: string,
  tarballs: ReadonlyMap<string, Tarball>,
): Project {
  cpSync(join(projects, name), folder, { recursive: true });
  const path = join(folder, 'package.json');
  const manifest = JSON.parse(readFileSync(path, 'utf8')) as {
    dependencies: Record<string, string>;
  };
  // Published packages find their siblings in the registry; unpublished ones have to be named here.
  const pending = Object.keys(manifest.dependencies);
  for (const dependency of pending) {
    const tarball = tarballs.get(dependency);
    if (tarball === undefined) continue;
    manifest.dependencies[dependency] = `file:${tarball.path}`;
    pending.push(...tarball.siblings.filter((sibling) => !pending.includes(sibling)));
  }
  writeFileSync(path, JSON.stringify(manifest, null, 2));
  return projectIn(folder);
}

function projectIn(folder: string): Project {
  return {
    folder,
    async run(command, ...args) {
      const options = { cwd: folder, env: userEnvironment(), maxBuffer: 2 ** 24 };
      try {
        const { stdout, stderr } = await execute(command, args, options);
        return stdout + stderr;
      } catch (error) {
        const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
        const what = [command, ...args].join(' ');
        throw new Error(`${what} failed:\n${stdout}${stderr}`);
      }
    },
    inside(name) {
      mkdirSync(join(folder, name), { recursive: true });
      return projectIn(join(folder, name));
    },
  };
}

/** The environment less what npm, pnpm and vitest have put into it for this test. */
function userEnvironment(): NodeJS.ProcessEnv {
  const ours =
    /^(npm_(command|config_local|config_prefix|execpath|lifecycle|node|package)|pnpm_|vitest|node_env|node_path|init_cwd)/i;
  const entries = Object.entries(process.env).filter(([name]) => !ours.test(name));
  const path = (process.env.PATH ?? '').split(delimiter);
  return {
    ...Object.fromEntries(entries),
    PATH: path.filter((folder) => !folder.includes('node_modules')).join(delimiter),
  };
}

/** The packages that would run a script of theirs when they are installed. */
export function packagesWithInstallScript({ folder }: Project): string[] {
  const lock = JSON.parse(readFileSync(join(folder, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { hasInstallScript?: boolean }>;
  };
  return Object.entries(lock.packages)
    .filter(([, entry]) => entry.hasInstallScript === true)
    .map(([path]) => path.replace(/^.*node_modules\//, ''));
}
