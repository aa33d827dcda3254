// The drawings of ARCHITECTURE.md show the arrows that are there, all of them and no other.
import { posix } from 'node:path';
import { expect, test } from 'vitest';
import { rules, tricks } from './dependency-rules.ts';
import { type Arrow, arrowsBetween, isLeaf, readDrawings, runtimeImports } from './drawings.ts';
import { packages, read, repositoryFiles } from './workspace.ts';

const text = read('ARCHITECTURE.md');
const [packageDrawing, trainerDrawing] = readDrawings(text);

const scope = '@bag-of-tricks/';
const withScope = (names: readonly string[]) =>
  names.filter((name) => name.startsWith(scope)).map((name) => name.slice(scope.length));

const home = 'packages/trainer/src/';
const sources = repositoryFiles(`${home}*.ts`)
  .filter((path) => !path.endsWith('.test.ts'))
  .map((path) => ({ path: path.slice(home.length), text: read(path) }));

test('the packages are drawn with the dependencies of their package.json', () => {
  const declared = packages.flatMap(({ name, manifest }) =>
    withScope(Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies })).map(
      (needed): Arrow => `${name} -> ${needed}`,
    ),
  );
  expect(packageDrawing!.arrows).toEqual(declared.sort());
  expect(packageDrawing!.groups).toEqual({ tricks: [...tricks].sort() });
});

test('every package is drawn, and every arrow between packages is one that the rules allow', () => {
  expect(packageDrawing!.nodes).toEqual(packages.map(({ name }) => name));
  const allowed = Object.entries(rules).flatMap(([name, { imports }]) =>
    withScope(imports).map((needed): Arrow => `${name} -> ${needed}`),
  );
  expect(allowed).toEqual(expect.arrayContaining([...packageDrawing!.arrows]));
});

test("the trainer's folders are drawn with their imports at run time", () => {
  expect(trainerDrawing!.arrows).toEqual(arrowsBetween(sources));
});

test("the trainer's folders import one way only", () => {
  const arrows = trainerDrawing!.arrows.map((arrow) => arrow.split(' -> '));
  let left = trainerDrawing!.nodes;
  while (left.length > 0) {
    const needing = arrows.filter(([, to]) => left.includes(to!)).map(([from]) => from!);
    const free = left.filter((node) => !needing.includes(node));
    expect(free, `folders in a circle: ${left.join(', ')}`).not.toEqual([]);
    left = left.filter((node) => needing.includes(node));
  }
});

test('the files that every folder of the trainer may use are named', () => {
  const leaves = sources.filter(({ path }) => !path.includes('/')).filter(isLeaf);
  const sentence = text.match(/^(.*) import no other file/m)?.[1] ?? '';
  const named = [...sentence.matchAll(/`([^`]+)`/g)].map(([, name]) => name);
  expect(named).toEqual(leaves.map(({ path }) => path));
});

test('every path that the page names is there', () => {
  const files = repositoryFiles('*');
  const folders = new Set(files.flatMap((file) => [file, posix.dirname(file)]));
  const isThere = (path: string) =>
    ['', home].some((start) =>
      [...folders].some((one) => one === start + path || one.startsWith(`${start}${path}/`)),
    );
  const links = [...text.matchAll(/\]\(([^)]+)\)/g)].map(([, path]) => path!);
  const prose = text.replaceAll(/^```[\s\S]*?^```$/gm, '');
  const code = [...prose.matchAll(/`([a-z-]+\/[\w./-]*|[\w-]+\.ts)`/g)].map(([, path]) => path!);
  const missing = [...links, ...code.map((path) => path.replace(/\/$/, ''))].filter(
    (path) => !isThere(path),
  );
  expect(links.length + code.length).toBeGreaterThan(10);
  // `index.ts` and `sources/` are named after the folder of the package that they are in.
  expect(missing.filter((path) => !['index.ts', 'sources'].includes(path))).toEqual([]);
});

test('a drawing is read: nodes with labels, groups, arrows to a group', () => {
  const drawing = [
    '```mermaid',
    'flowchart TD',
    '  subgraph group',
    '    a',
    '    b',
    '  end',
    '  c["c/ does this"] --> group',
    '  a --> other[d]',
    '  other --> c',
    '```',
  ].join('\n');
  expect(readDrawings(drawing)).toEqual([
    {
      nodes: ['a', 'b', 'c', 'd'],
      groups: { group: ['a', 'b'] },
      arrows: ['a -> d', 'c -> a', 'c -> b', 'd -> c'],
    },
  ]);
});

test('imports of types alone, of whatever form, are not arrows', () => {
  const source = [
    "import type { A } from './a.ts';",
    "import { type B } from './b.ts';",
    "import { type C, c } from './c.ts';",
    "export type { D } from './d.ts';",
    "export { e } from './e.ts';",
    "import './f.ts';",
    "const g = await import('../g.ts');",
    "type H = import('./h.ts').H;",
    "import i from 'i';",
  ].join('\n');
  expect(runtimeImports(source)).toEqual(['./c.ts', './e.ts', './f.ts', '../g.ts']);
});
