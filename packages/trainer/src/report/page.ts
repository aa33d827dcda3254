import type { Curves } from './report.ts';

/** What stands on the page. */
export interface ReportContent {
  readonly title: string;
  readonly curves: Curves;
  readonly args: string;
  readonly env: string;
  /** uPlot's script and style, inlined so that the file can be opened and sent anywhere. */
  readonly script: string;
  readonly style: string;
}

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** JSON that cannot close the script element that it stands in. */
function scriptJson(value: unknown): string {
  return JSON.stringify(value).replaceAll('<', '\\u003c');
}

const draw = `
const chart = (title, data, series, axes = [{}, {}]) => new uPlot({
  title, width: Math.min(760, innerWidth - 40), height: 300, legend: { live: true },
  scales: { x: { time: false } }, series: [{ label: series[0] }, ...series.slice(1)], axes,
}, data, document.getElementById('charts'));
const smooth = (values, weight = 0.9) => { let mean = values[0]; return values.map((v) => (mean = v === null ? mean : weight * (mean ?? v) + (1 - weight) * v)); };
const [step, loss, rate] = curves.steps;
const colors = ['#b8c4d6', '#1f8a4c', '#c0562a', '#7a4fb5'];
chart('Training loss', [step, loss, smooth(loss)], ['step', { label: 'loss', stroke: '#b8c4d6' }, { label: 'smoothed', stroke: '#1f5fbf', width: 2 }]);
chart('Accuracy (top-1, %)', curves.epochs, ['epoch', ...curves.accuracies.map((label, i) => ({ label, stroke: colors[i % colors.length], width: 2, points: { show: true } }))]);
chart('Learning rate', [step, rate], ['step', { label: 'learning rate', stroke: '#c0562a', width: 2 }]);
for (const { title, values } of curves.tricks) chart(title, [step, values], ['step', { label: title, stroke: '#7a4fb5', width: 2 }]);
`;

/** The HTML of a run's report. */
export function reportPage({ title, curves, args, env, script, style }: ReportContent): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<style>${style}
body { font: 15px/1.5 system-ui, sans-serif; max-width: 800px; margin: 2rem auto; padding: 0 20px; color: #1c2430; }
.uplot { margin: 1.5rem 0; }
pre { background: #f4f6f9; padding: 1rem; overflow-x: auto; font-size: 13px; }
</style>
</head>
<body>
<h1>${escapeHtml(title)}</h1>
<div id="charts"></div>
<h2>Configuration</h2>
<pre>${escapeHtml(args)}</pre>
<h2>Machine</h2>
<pre>${escapeHtml(env)}</pre>
<script>${script}</script>
<script>
const curves = ${scriptJson(curves)};
${draw}</script>
</body>
</html>
`;
}
