import { isBuiltin } from 'node:module';
import { dirname, join } from 'node:path/posix';
import ts from 'typescript-6';
import { deepImportFiles, rules, shared, tricks } from './dependency-rules.ts';
import type { Manifest } from './workspace.ts';

export interface SourceFile {
  /** Relative to the repository, such as `packages/mixup/src/beta.ts`. */
  readonly path: string;
  readonly text: string;
}

/** What a file imports, also by `import type`, `export from`, `import()` and `require`. */
export function importsOf({ text }: SourceFile): string[] {
  return ts.preProcessFile(text, true, true).importedFiles.map(({ fileName }) => fileName);
}

/** The package that a bare import comes from: `@scope/name/sub` is of `@scope/name`. */
function packageOf(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}

/** The imports of one file of `packages/` that break the rules, each as a sentence. */
export function importViolations(file: SourceFile, manifest: Manifest): string[] {
  const [, name = '', ...rest] = file.path.split('/');
  const rule = rules[name];
  if (rule === undefined)
    return [`${file.path}: package ${name} has no rule in dependency-rules.ts`];
  const pathInPackage = rest.join('/');
  const isSource = pathInPackage.startsWith('src/') && !pathInPackage.endsWith('.test.ts');
  const exception = Object.entries(rule.except ?? {}).find(([start]) =>
    pathInPackage.startsWith(start),
  );
  const allowed = exception?.[1] ?? rule.imports;

  /** Why the import is wrong, if it is. */
  const judge = (specifier: string): string | undefined => {
    if (specifier.startsWith('.')) {
      const target = join(dirname(file.path), specifier);
      const home = isSource ? `packages/${name}/src/` : `packages/${name}/`;
      return target.startsWith(home) ? undefined : `leaves ${home}`;
    }
    const from = packageOf(specifier);
    if (
      from.startsWith('@tensorflow/') &&
      from !== specifier &&
      !deepImportFiles.includes(file.path)
    ) {
      return 'is a deep import of tfjs';
    }
    // Tests and build scripts may use what their package declares, but a trick not even there another trick.
    if (!isSource) {
      // A program in JavaScript runs in a process of its own, which knows no TypeScript.
      if (from === manifest.name && file.path.endsWith('.ts')) {
        return 'is what was built last, not the source: import ../src or ./';
      }
      if (isBuiltin(specifier) || from === manifest.name || declares(manifest, from))
        return undefined;
      return 'is not declared in package.json';
    }
    if (isBuiltin(specifier)) return rule.node ? undefined : 'is not there in a browser';
    if (!allowed.includes(from)) return 'is not allowed by dependency-rules.ts';
    return declares(manifest, from, true) ? undefined : 'is not declared in package.json';
  };

  return importsOf(file).flatMap((specifier) => {
    const reason = judge(specifier);
    return reason === undefined ? [] : [`${file.path}: "${specifier}" ${reason}`];
  });
}

function declares(manifest: Manifest, name: string, forUsers = false): boolean {
  const { dependencies, peerDependencies, devDependencies } = manifest;
  const fields = [dependencies, peerDependencies, forUsers ? undefined : devDependencies];
  return fields.some((field) => field !== undefined && name in field);
}

/** The declared dependencies of a package that break the rules, each as a sentence. */
export function manifestViolations(name: string, manifest: Manifest): string[] {
  const rule = rules[name];
  if (rule === undefined) return [`${name} has no rule in dependency-rules.ts`];
  const { dependencies = {}, peerDependencies = {}, devDependencies = {} } = manifest;
  const allowed = [rule.imports, ...Object.values(rule.except ?? {})].flat();
  const found: string[] = [];
  for (const dependency of Object.keys({ ...dependencies, ...peerDependencies })) {
    if (!allowed.includes(dependency)) found.push(`${name} may not depend on ${dependency}`);
  }
  if (tricks.includes(name)) {
    for (const dependency of Object.keys(dependencies)) {
      if (shared.includes(dependency)) continue;
      found.push(`${name} is a trick: ${dependency} may be a peer, not a dependency`);
    }
    for (const dependency of Object.keys(devDependencies)) {
      const other = dependency.replace('@bag-of-tricks/', '');
      if (tricks.includes(other)) found.push(`${name} may not even test with ${dependency}`);
    }
  }
  return found;
}
