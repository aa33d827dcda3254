// The shape of the trainer: a trick is one file and one line in the list, and the loop can be read.
import { tricks } from '@bag-of-tricks/trainer';
import ts from 'typescript-6';
import { expect, test } from 'vitest';
import { read, repositoryFiles } from './workspace.ts';

const folder = 'packages/trainer/src/';
const list = 'tricks/index.ts';
const maxFunctionLines = 60;

/** The trainer's sources by their paths in `src`, parsed. */
const sources = new Map(
  repositoryFiles(`${folder}*.ts`)
    .filter((path) => !path.endsWith('.test.ts'))
    .map((path) => [
      path.slice(folder.length),
      ts.createSourceFile(path, read(path), ts.ScriptTarget.Latest, true),
    ]),
);

/** Where the name of a trick is a word with another meaning, and which. */
const otherMeanings: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  warmup: { 'tricks/ema.ts': "a setting: the decay's own warmup" },
  zeroGamma: { 'benchmark/case.ts': 'a setting: off, for gradients that are compared' },
  amp: { 'benchmark/case.ts': 'a setting: what is compared' },
};

/** The name of a trick that is also the name of what it makes: the learning rate over the steps. */
const general = 'schedule';

function visit(node: ts.Node, each: (node: ts.Node) => void): void {
  each(node);
  ts.forEachChild(node, (child) => visit(child, each));
}

/** Every identifier and every whole string of a file; comments, sentences and names of packages are none. */
function wordsIn(source: ts.SourceFile): Set<string> {
  const words = new Set<string>();
  for (const statement of source.statements) {
    const isOfPackage =
      ts.isImportDeclaration(statement) &&
      !(statement.moduleSpecifier as ts.StringLiteral).text.startsWith('.');
    if (isOfPackage) continue;
    visit(statement, (node) => {
      if (ts.isIdentifier(node) || ts.isStringLiteralLike(node)) words.add(node.text);
    });
  }
  return words;
}

/** The file of a trick in `tricks/`. */
const fileOf = (name: string) =>
  `tricks/${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}.ts`;

test('a trick is named in its own file and in the list, and nowhere else in the trainer', () => {
  const words = new Map([...sources].map(([path, source]) => [path, wordsIn(source)]));
  for (const name of Object.keys(tricks)) {
    if (name === general) continue;
    const others = Object.keys(otherMeanings[name] ?? {});
    const expected = [fileOf(name), list, ...others].sort();
    const found = [...words].filter(([, one]) => one.has(name)).map(([path]) => path);
    expect(found.sort(), name).toEqual(expected);
  }
});

test('each file of a trick is in the list, which is the only one that imports it', () => {
  const importing = [...sources].flatMap(([path, source]) =>
    ts
      .preProcessFile(source.text, true, true)
      .importedFiles.map(({ fileName }) => [path, fileName.split('/').at(-1)!] as const),
  );
  for (const name of Object.keys(tricks)) {
    const file = fileOf(name).split('/').at(-1)!;
    const by = importing.filter(([, imported]) => imported === file).map(([path]) => path);
    expect(by, name).toEqual([list]);
  }
});

test(`no function of the trainer is longer than ${maxFunctionLines} lines`, () => {
  const long: string[] = [];
  for (const [path, source] of sources) {
    const lineOf = (position: number) => source.getLineAndCharacterOfPosition(position).line;
    visit(source, (node) => {
      if (!ts.isFunctionLike(node)) return;
      const [first, last] = [lineOf(node.getStart()), lineOf(node.getEnd())];
      const lines = last - first + 1;
      if (lines > maxFunctionLines) long.push(`${path}:${first + 1}: ${lines} lines`);
    });
  }
  expect(long).toEqual([]);
});

test('a name in a comment, in a sentence or of a package is no name of a trick; a key or a string is', () => {
  const words = (text: string) =>
    wordsIn(ts.createSourceFile('a.ts', text, ts.ScriptTarget.Latest, true));
  expect(words(`// mixup\nimport { mixup } from '@a/mixup';\nfail('no mixup');`)).not.toContain(
    'mixup',
  );
  for (const text of [
    `config.mixup`,
    `config['mixup']`,
    `({ mixup: 1 })`,
    `import './mixup.ts'; mixup()`,
  ]) {
    expect(words(text)).toContain('mixup');
  }
});
