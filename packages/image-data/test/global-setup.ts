import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import ts from 'typescript-6';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    /** The source as JavaScript, in a folder that mirrors `src`: Node's threads know no TypeScript. */
    readonly transpiled: string;
  }
}

const compilerOptions: ts.CompilerOptions = {
  module: ts.ModuleKind.ESNext,
  target: ts.ScriptTarget.ES2022,
  verbatimModuleSyntax: true,
  rewriteRelativeImportExtensions: true,
};

export default function setup({ provide }: TestProject): () => void {
  const root = join(import.meta.dirname, '..');
  // Below the package, so that its dependencies are found.
  const folder = mkdtempSync(join(root, 'node_modules', '.source-'));
  for (const path of readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })) {
    if (!path.endsWith('.ts') || path.endsWith('.test.ts')) continue;
    const target = join(folder, path.replace(/\.ts$/, '.js'));
    mkdirSync(dirname(target), { recursive: true });
    const text = readFileSync(join(root, 'src', path), 'utf8');
    writeFileSync(target, ts.transpileModule(text, { compilerOptions }).outputText);
  }
  provide('transpiled', folder);
  return () => rmSync(folder, { recursive: true });
}
