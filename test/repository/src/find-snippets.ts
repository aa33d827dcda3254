// Finds the code that documentation shows: ```ts blocks of Markdown files, and @example blocks of doc comments.
import ts from 'typescript-6';

export interface Snippet {
  /** Where it is: file, line and, in Markdown, the heading above it. */
  readonly title: string;
  readonly code: string;
  readonly runs: boolean;
}

/** All ```ts blocks; ```ts no-run blocks have to compile, but are not run. */
export function markdownSnippets(path: string, text: string): Snippet[] {
  const snippets: Snippet[] = [];
  let heading = '';
  let block: { language: string; line: number; lines: string[] } | undefined;
  for (const [index, line] of text.split('\n').entries()) {
    const fence = line.match(/^\s*```(.*)$/);
    if (block === undefined) {
      if (fence) block = { language: fence[1]?.trim() ?? '', line: index + 1, lines: [] };
      else heading = line.match(/^#+ (.*)$/)?.[1] ?? heading;
    } else if (fence) {
      const { language, line, lines } = block;
      if (/^ts( no-run)?$/.test(language)) {
        const title = `${path}:${line} ${heading}`;
        snippets.push({ title, code: lines.join('\n'), runs: language === 'ts' });
      }
      block = undefined;
    } else block.lines.push(line);
  }
  return snippets;
}

/** The languages of the fenced blocks of a Markdown file. */
export function fenceLanguages(text: string): string[] {
  const fences = [...text.matchAll(/^\s*```(.*)$/gm)].map(([, language = '']) => language.trim());
  return fences.filter((_, index) => index % 2 === 0);
}

/**
 * All @example blocks, each with or without a ```ts fence. One that imports nothing gets `prelude`: the imports that
 * are obvious to who reads it.
 */
export function docSnippets(path: string, text: string, prelude: string): Snippet[] {
  const comments = [...text.matchAll(/\/\*\*[\s\S]*?\*\//g)];
  return comments.flatMap((comment) => {
    const lines = comment[0].split('\n').map((line) => line.replace(/^\s*(\/\*\*|\*\/|\*) ?/, ''));
    return lines.flatMap((line, index) => {
      if (!line.startsWith('@example')) return [];
      const rest = lines.slice(index + 1);
      const end = rest.findIndex((next) => /^@[a-z]/.test(next));
      const body = (end === -1 ? rest : rest.slice(0, end)).join('\n');
      const { code, runs } = markdownSnippets(path, body)[0] ?? { code: body, runs: true };
      const imports = ts.preProcessFile(code, true, true).importedFiles.length > 0;
      const lineNumber = text.slice(0, comment.index).split('\n').length + index;
      return [
        {
          title: `${path}:${lineNumber} @example`,
          code: imports ? code : `${prelude}\n${code}`,
          runs,
        },
      ];
    });
  });
}
