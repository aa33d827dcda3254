// Every piece of code in the documentation compiles and runs against the built packages.
import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import ts from 'typescript-6';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { smallExport } from '../../../packages/classifier/test/small-export.ts';
import { docSnippets, fenceLanguages, markdownSnippets } from './find-snippets.ts';
import { entryPoints, type Package, packages, read, repositoryFiles, root } from './workspace.ts';

const execute = promisify(execFile);

const readmes = repositoryFiles('README.md', 'packages/*/README.md', 'CONTRIBUTING.md');
const snippets = [
  ...readmes.flatMap((path) => markdownSnippets(path, read(path))),
  ...packages.flatMap((one) =>
    repositoryFiles(`packages/${one.name}/src/*.ts`)
      .filter((path) => !path.endsWith('.test.ts'))
      .flatMap((path) => docSnippets(path, read(path), prelude(one))),
  ),
].map((snippet, index) => ({ ...snippet, file: `${index}.ts` }));

/** Imports tfjs and all that the package exports, each name from the first entry point that has it. */
function prelude(one: Package): string {
  const seen = new Set<string>();
  const imports = entryPoints(one).map(([subpath, source]) => {
    const text = read(`packages/${one.name}/${source}`);
    const lists = [...text.matchAll(/^export (?:type )?\{([\s\S]*?)\}/gm)];
    const names = lists.flatMap(([, list = '']) => list.split(',')).map((name) => name.trim());
    const fresh = names.filter((name) => name !== '' && !seen.has(name));
    for (const name of fresh) seen.add(name);
    return `import { ${fresh.join(', ')} } from '${one.manifest.name}${subpath.slice(1)}';`;
  });
  return ["import * as tf from '@tensorflow/tfjs';", ...imports].join('\n');
}

/** In this package, which depends on all others: a snippet finds there what a user has installed. */
let folder: string;
let workFolder: string;
let problems: Map<string, string>;

beforeAll(() => {
  workFolder = mkdtempSync(join(tmpdir(), 'snippets-'));
  // What the examples of the classifier find.
  cpSync(smallExport().folder, join(workFolder, 'exported'), { recursive: true });
  const picture = join(root, 'packages/classifier/fixtures/pictures/plain.jpg');
  cpSync(picture, join(workFolder, 'cat.jpg'));
  const snippetsFolder = join(import.meta.dirname, '..', '.snippets');
  mkdirSync(snippetsFolder, { recursive: true });
  folder = mkdtempSync(join(snippetsFolder, 'run-'));
  for (const { file, code } of snippets) {
    writeFileSync(join(folder, file), `${code}\nexport {};\n`);
  }
  problems = compile(snippets.map(({ file }) => join(folder, file)));
});

afterAll(() => {
  for (const path of [folder, workFolder]) rmSync(path, { recursive: true, force: true });
});

const compilerOptions: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.NodeNext,
  lib: ['lib.es2023.d.ts'],
  types: ['node'],
  strict: true,
  skipLibCheck: true,
};

/** Compiles the files; what the compiler says about each that it finds fault with. */
function compile(paths: string[]): Map<string, string> {
  const program = ts.createProgram(paths, compilerOptions);
  program.emit();
  const found = new Map<string, string>();
  for (const diagnostic of ts.getPreEmitDiagnostics(program)) {
    const path = diagnostic.file?.fileName ?? '';
    const message = ts.flattenDiagnosticMessageText(diagnostic.messageText, '\n');
    found.set(path, `${found.get(path) ?? ''}${message}\n`);
  }
  return found;
}

describe.concurrent('the documentation', { tags: ['slow'] }, () => {
  const cases = snippets.map((snippet) => [snippet.title, snippet] as const);
  test.for(cases)('%s', async ([, { file, runs }], { expect }) => {
    const path = join(folder, file);
    expect(problems.get(path) ?? '').toBe('');
    if (!runs) return;
    const program = path.replace('.ts', '.js');
    await execute(process.execPath, [program], { cwd: workFolder, timeout: 250_000 });
  });
});

test.for([
  ['trainer', 11],
  ['train-step', 12],
] as const)('every function that the %s exports has an example', ([name, atLeast]) => {
  const home = `packages/${name}/src/`;
  const index = ts.createSourceFile('index.ts', read(`${home}index.ts`), ts.ScriptTarget.Latest);
  const functions = index.statements.filter(ts.isExportDeclaration).flatMap((statement) => {
    const path = (statement.moduleSpecifier as ts.StringLiteral).text;
    if (statement.isTypeOnly || !path.startsWith('./')) return [];
    const { elements } = statement.exportClause as ts.NamedExports;
    const names = elements.filter(({ isTypeOnly }) => !isTypeOnly).map(({ name }) => name.text);
    const text = read(join(home, path));
    return names.flatMap((name) => {
      const [doc] =
        text.match(
          new RegExp(`/\\*\\*(?:(?!\\*/)[^])*\\*/\\nexport (async )?function ${name}\\b`),
        ) ?? [];
      const isFunction = new RegExp(`^export (async )?function ${name}\\b`, 'm').test(text);
      return isFunction ? [{ name, runs: doc?.includes('@example\n * ```ts\n') ?? false }] : [];
    });
  });
  expect(functions.length).toBeGreaterThan(atLeast);
  expect(functions.filter(({ runs }) => !runs)).toEqual([]);
});

test('no code block escapes by another name of the language', () => {
  for (const path of readmes) {
    const escaped = /^(tsx?\S|js|javascript|typescript|mjs|mts)|^ts (?!no-run$)/i;
    expect(
      fenceLanguages(read(path)).filter((name) => escaped.test(name)),
      path,
    ).toEqual([]);
  }
});

test('a block that does not compile is found', () => {
  const path = join(folder, 'wrong.ts');
  writeFileSync(path, 'export const wrong: number = "text";\n');
  expect(compile([path]).get(path)).toContain('not assignable');
});

test('blocks of Markdown are found with their heading', () => {
  const text = '# A\n```sh\n# no\n```\n## B\n```ts\na();\n```\n```ts no-run\nb();\n```\n';
  expect(markdownSnippets('x.md', text)).toEqual([
    { title: 'x.md:6 B', code: 'a();', runs: true },
    { title: 'x.md:9 B', code: 'b();', runs: false },
  ]);
  expect(fenceLanguages(text)).toEqual(['sh', 'ts', 'ts no-run']);
});

test('examples of doc comments are found, fenced or not, and get the imports that they leave out', () => {
  const fenced = "/**\n * @example\n * ```ts\n * import 'x';\n * a();\n * ```\n * More.\n */";
  expect(docSnippets('x.ts', fenced, 'P')).toEqual([
    { title: 'x.ts:2 @example', code: "import 'x';\na();", runs: true },
  ]);
  const bare = '\n  /**\n   * @example\n   * a();\n   * @throws never\n   */';
  expect(docSnippets('x.ts', bare, 'P')).toEqual([
    { title: 'x.ts:3 @example', code: 'P\na();', runs: true },
  ]);
});
