// All packages have the shape of one template, so that who knows one knows all.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import ts from 'typescript-6';
import { describe, expect, test } from 'vitest';
import { tricks } from './dependency-rules.ts';
import { entryPoints, packages, read, repositoryFiles } from './workspace.ts';

const keyOrder = [
  ...['name', 'version', 'description', 'license', 'type', 'sideEffects', 'engines', 'keywords'],
  ...['main', 'types', 'typesVersions', 'exports', 'bin', 'files', 'publishConfig', 'scripts'],
  ...['dependencies', 'peerDependencies', 'peerDependenciesMeta', 'devDependencies'],
];

type Exports = Readonly<Record<string, { readonly types: string; readonly default: string }>>;

/** STYLE.md rule 10. */
const methodCard = [
  'Install',
  'Use in your own loop',
  'Use with the trainer',
  'API',
  'Choosing the value',
  'How it works',
  'Works with / watch out',
  'Measured effect',
  'References',
];

const catalog = new Set(
  [...read('pnpm-workspace.yaml').matchAll(/^ {2}'?([^\s']+)'?: \d/gm)].map(([, name]) => name),
);

function headings(markdown: string): string[] {
  const prose = markdown.replaceAll(/^```[\s\S]*?^```$/gm, '');
  return [...prose.matchAll(/^## (.*)$/gm)].map(([, heading = '']) => heading);
}

describe.for(packages.map((one) => [one.name, one] as const))('%s', ([name, one]) => {
  const { folder, manifest } = one;

  test('has the fields of the template, in its order', () => {
    const keys = Object.keys(manifest);
    expect(keys).toEqual(keyOrder.filter((key) => keys.includes(key)));
    expect(manifest).toMatchObject({
      name: `@bag-of-tricks/${name}`,
      license: 'Apache-2.0',
      type: 'module',
      engines: { node: '>=20.19' },
      publishConfig: { access: 'public' },
    });
    expect(manifest.description.length).toBeGreaterThan(20);
    expect(manifest.keywords).toContain('tfjs');
    // The trainer's command runs when it is imported; nothing else does.
    expect(manifest.sideEffects).toBe(name === 'trainer' ? undefined : false);
  });

  test('has the scripts of the template', () => {
    const { build, bench, ...scripts } = manifest.scripts;
    expect(build).toMatch(/(^|&& )tsc -p tsconfig\.build\.json$/);
    expect(scripts).toEqual({
      check: 'tsc -p .',
      test: 'vitest run --root . --config ../../vitest.config.ts',
      'pack:check': 'node ../../scripts/pack-check.mjs',
    });
  });

  test('publishes dist and its sources without the tests', () => {
    expect(manifest.files).toEqual(expect.arrayContaining(['dist', 'src', '!src/**/*.test.ts']));
    expect(manifest.files.at(-1)).toBe('!src/**/*.test.ts');
  });

  test('exports types before code, for each entry, and package.json last', () => {
    const expected = entryPoints(one).map(([subpath, source]) => {
      const built = source.replace('src/', './dist/').replace('.ts', '');
      return [subpath, { types: `${built}.d.ts`, default: `${built}.js` }];
    });
    expect(Object.entries(manifest.exports)).toEqual([
      ...expected,
      ['./package.json', './package.json'],
    ]);
  });

  test("says the same to TypeScript's moduleResolution node10, which does not read exports", () => {
    const { '.': root, './package.json': _, ...others } = manifest.exports as Exports;
    const named = Object.entries(others).map(([path, { types }]) => [path.slice(2), [types]]);
    const versions = named.length === 0 ? undefined : { '*': Object.fromEntries(named) };
    const { main, types, typesVersions } = manifest;
    expect({ types, default: main }).toEqual(root);
    expect(typesVersions).toEqual(versions);
  });

  test('takes shared versions from the catalog and its siblings from the workspace', () => {
    const ours = { ...manifest.dependencies, ...manifest.devDependencies };
    for (const [dependency, version] of Object.entries(ours)) {
      if (dependency.startsWith('@bag-of-tricks/')) expect(version).toMatch(/^workspace:[*^]$/);
      else if (catalog.has(dependency)) expect(version, dependency).toBe('catalog:');
      else expect(version, dependency).toMatch(/^(npm:[a-z0-9-]+@)?\d+\.\d+\.\d+$/);
    }
  });

  test('has entry points that only re-export, names written out', () => {
    for (const [, source] of entryPoints(one)) {
      const path = `packages/${name}/${source}`;
      const file = ts.createSourceFile(path, read(path), ts.ScriptTarget.Latest);
      for (const statement of file.statements) {
        const isNamed =
          ts.isExportDeclaration(statement) &&
          statement.exportClause !== undefined &&
          ts.isNamedExports(statement.exportClause) &&
          statement.moduleSpecifier !== undefined;
        expect(isNamed, `${path}: ${statement.getText(file)}`).toBe(true);
      }
    }
  });

  test('has no default exports', () => {
    for (const path of repositoryFiles(`packages/${name}/src/*.ts`)) {
      expect(read(path), path).not.toMatch(/^export default /m);
    }
  });

  test('carries the licence of the repository', () => {
    expect(read(join(folder, 'LICENSE'))).toBe(read('LICENSE'));
  });

  test('has a changelog, or a changeset that will become one', () => {
    const changesets = repositoryFiles('.changeset/*.md').map(read);
    const announced = changesets.some((text) => text.includes(`"${manifest.name}":`));
    expect(announced || existsSync(join(folder, 'CHANGELOG.md'))).toBe(true);
  });

  test('has a README that names it, says how to install it, and is a method card if it is a trick', () => {
    const readme = read(join(folder, 'README.md'));
    expect(readme.startsWith(`# ${manifest.name}\n\n`)).toBe(true);
    expect(readme).toContain(`npm install ${manifest.name}`);
    if (tricks.includes(name)) expect(headings(readme)).toEqual(methodCard);
    else expect(headings(readme)[0]).toBe('Install');
  });

  if (!tricks.includes(name)) return;

  test('has a trick.json whose functions it exports', async () => {
    const trick = JSON.parse(read(join(folder, 'trick.json'))) as Record<string, unknown>;
    const text = expect.stringMatching(/^[^\n]{3,160}$/);
    expect(trick).toEqual({
      name,
      tldr: text,
      // Section 6 is not of the paper: tricks that came after it.
      paper:
        trick.section === '6'
          ? expect.stringMatching(/^[A-Z].* (19|20)\d\d$/)
          : expect.stringMatching(/^He et al\. 2019, sections? \d/),
      section: expect.stringMatching(/^\d(\.\d)*(, \d(\.\d)*)*$/),
      functions: expect.arrayContaining([expect.any(String)]),
      default: text,
      flag: expect.stringMatching(/^(--[a-z-]+(, --[a-z-]+)*)?$/),
    });
    const exported = new Set<string>();
    for (const [, source] of entryPoints(one)) {
      const built = source.replace('src/', 'dist/').replace('.ts', '.js');
      const module: object = await import(pathToFileURL(join(folder, built)).href);
      for (const key of Object.keys(module)) exported.add(key);
    }
    for (const key of trick.functions as string[]) expect([...exported]).toContain(key);
  });
});
