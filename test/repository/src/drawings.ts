import { dirname, join } from 'node:path/posix';
import ts from 'typescript-6';

/** `from -> to`. */
export type Arrow = string;

/** What a mermaid flowchart shows, sorted. */
export interface Drawing {
  readonly nodes: readonly string[];
  readonly groups: Readonly<Record<string, readonly string[]>>;
  /** An arrow to a group is one to each of its members. */
  readonly arrows: readonly Arrow[];
}

const nodeForm = String.raw`([\w-]+)(?:\[("[^"]*"|[^\]]*)\])?`;
const arrowForm = new RegExp(`^${nodeForm} --> ${nodeForm}$`);

function readDrawing(lines: readonly string[]): Drawing {
  const names = new Map<string, string>();
  const groups: Record<string, string[]> = {};
  const arrows: [string, string][] = [];
  let group: string | null = null;
  const node = (id: string, label?: string) => {
    // A label in quotes describes; one without is the name where mermaid does not take it as an id.
    if (!names.has(id) || label) names.set(id, label && !label.startsWith('"') ? label : id);
    return id;
  };
  for (const line of lines.map((one) => one.trim())) {
    const arrow = line.match(arrowForm);
    if (line.startsWith('subgraph ')) {
      group = line.slice('subgraph '.length);
      groups[group] = [];
    } else if (line === 'end') group = null;
    else if (arrow) {
      const [, from, fromLabel, to, toLabel] = arrow;
      if (!groups[to!]) node(to!, toLabel);
      arrows.push([node(from!, fromLabel), to!]);
    } else if (group !== null) groups[group]!.push(node(line));
    else throw new Error(`ARCHITECTURE.md: expected an arrow or a group, got '${line}'.`);
  }
  const named = (id: string) => names.get(id)!;
  return {
    nodes: [...names.values()].sort(),
    groups: Object.fromEntries(
      Object.entries(groups).map(([name, ids]) => [name, ids.map(named).sort()]),
    ),
    arrows: arrows
      .flatMap(([from, to]) => (groups[to] ?? [to]).map((one) => `${named(from)} -> ${named(one)}`))
      .sort(),
  };
}

/** The mermaid flowcharts of a Markdown text, in its order. */
export function readDrawings(markdown: string): Drawing[] {
  const blocks = markdown.matchAll(/^```mermaid\nflowchart TD\n([\s\S]*?)\n```$/gm);
  return [...blocks].map(([, block = '']) => readDrawing(block.split('\n')));
}

/** Whether an import or export brings types alone, and is gone when the program runs. */
function isTypeOnly(statement: ts.ImportDeclaration | ts.ExportDeclaration): boolean {
  if (ts.isExportDeclaration(statement)) return statement.isTypeOnly;
  const clause = statement.importClause;
  if (!clause) return false;
  const { namedBindings } = clause;
  const allTypes =
    !clause.name &&
    namedBindings !== undefined &&
    ts.isNamedImports(namedBindings) &&
    namedBindings.elements.length > 0 &&
    namedBindings.elements.every(({ isTypeOnly }) => isTypeOnly);
  return clause.phaseModifier === ts.SyntaxKind.TypeKeyword || allTypes;
}

/** The relative paths that a source imports when it runs. */
export function runtimeImports(source: string): string[] {
  const found: string[] = [];
  const add = (specifier: ts.Node | undefined) => {
    if (specifier && ts.isStringLiteral(specifier) && specifier.text.startsWith('.'))
      found.push(specifier.text);
  };
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) {
      if (!isTypeOnly(node)) add(node.moduleSpecifier);
    } else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      add(node.arguments[0]);
    }
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile('source.ts', source, ts.ScriptTarget.Latest));
  return found;
}

interface Source {
  /** Relative to the folder that is drawn. */
  readonly path: string;
  readonly text: string;
}

/** A file beside the folders that imports none of the others. */
export const isLeaf = ({ path, text }: Source): boolean =>
  !path.includes('/') && runtimeImports(text).length === 0;

/** The arrows between the folders of a source tree; `top` are the files beside them, without the leaves and the entry point. */
export function arrowsBetween(sources: readonly Source[]): Arrow[] {
  const leaves = sources.filter(isLeaf).map(({ path }) => path);
  const placeOf = (path: string) => {
    if (leaves.includes(path) || path === 'index.ts') return null;
    return path.includes('/') ? path.split('/')[0]! : 'top';
  };
  const arrows = sources.flatMap(({ path, text }) => {
    const from = placeOf(path);
    const targets = runtimeImports(text).map((specifier) =>
      placeOf(join(dirname(path), specifier)),
    );
    return targets.flatMap((to) => (from && to && from !== to ? [`${from} -> ${to}`] : []));
  });
  return [...new Set(arrows)].sort();
}
