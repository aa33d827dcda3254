import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Chart } from './charts.ts';

/** What stands on the page. */
export interface PageContent {
  readonly title: string;
  /** What is known of the run in figures, by its name. */
  readonly facts: Readonly<Record<string, string>>;
  readonly charts: readonly Chart[];
  /** Files of the run that are shown as they are, by their headings. */
  readonly files: Readonly<Record<string, string>>;
}

const require = createRequire(import.meta.url);

/** Scripts and style stand in the page, so that the file can be opened and sent anywhere. */
function readInlined() {
  const read = (path: string | URL) => readFileSync(path, 'utf8');
  return {
    uplot: read(require.resolve('uplot/dist/uPlot.iife.min.js')),
    uplotStyle: read(require.resolve('uplot/dist/uPlot.min.css')),
    draw: read(new URL('../src/draw.js', import.meta.url)),
    style: read(new URL('../src/page.css', import.meta.url)),
  };
}

export const escapeHtml = (text: string) =>
  text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');

/** JSON that cannot close the script element that it stands in. */
const scriptJson = (value: unknown) => JSON.stringify(value).replaceAll('<', '\\u003c');

/** A page that needs nothing else: its title and `facts` at the head, then `body`. */
export function htmlPage({
  title,
  facts,
  style,
  body,
}: Pick<PageContent, 'title' | 'facts'> & {
  readonly style: string;
  readonly body: string;
}): string {
  const fact = ([name, value]: [string, string]) =>
    `<div><dt>${escapeHtml(name)}</dt><dd>${escapeHtml(value)}</dd></div>`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(title)}</title>
<style>${style}</style>
</head>
<body>
<h1>${escapeHtml(title)}</h1>
<dl>
${Object.entries(facts).map(fact).join('\n')}
</dl>
${body}
</body>
</html>
`;
}

/** The HTML of a run's report. */
export function reportPage({ title, facts, charts, files }: PageContent): string {
  const { uplot, uplotStyle, draw, style } = readInlined();
  const file = ([heading, text]: [string, string]) =>
    `<h2>${escapeHtml(heading)}</h2>\n<pre>${escapeHtml(text)}</pre>`;
  const body = `<div id="charts">${charts.length === 0 ? '<p>No step has been taken yet.</p>' : ''}</div>
${Object.entries(files).map(file).join('\n')}
<script>${uplot}</script>
<script>
const charts = ${scriptJson(charts)};
${draw}</script>`;
  return htmlPage({ title, facts, style: `${uplotStyle}\n${style}`, body });
}
