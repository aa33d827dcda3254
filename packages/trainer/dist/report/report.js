import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { reportPage } from "./page.js";
const require = createRequire(import.meta.url);
function transpose(rows, width) {
    return Array.from({ length: width }, (_, column) => rows.map((row) => row[column] ?? null));
}
/** Read the curves back from a run folder's `metrics.jsonl` and `summary.csv`. */
export function readCurves(runFolder) {
    const lines = (name) => readFileSync(join(runFolder, name), 'utf8')
        .split('\n')
        .filter((line) => line !== '');
    const steps = lines('metrics.jsonl').map((line) => {
        const { step, loss, lr, lossScale, skippedSteps } = JSON.parse(line);
        return [step, loss, lr, lossScale ?? null, skippedSteps ?? null];
    });
    const epochs = lines('summary.csv')
        .slice(1)
        .map((line) => {
        const cells = line.split(',').map((cell) => (cell === '' ? null : Number(cell)));
        return [cells[0] + 1, cells[2], cells[4] ?? null];
    });
    return { steps: transpose(steps, 5), epochs: transpose(epochs, 3) };
}
/** Keeps `report.html` in the run folder: its curves, configuration and machine on one page that needs nothing else. */
export function reportLog(runFolder) {
    const write = () => {
        const read = (name) => readFileSync(join(runFolder, name), 'utf8');
        const page = reportPage({
            title: runFolder.split('/').at(-1),
            curves: readCurves(runFolder),
            args: read('args.yaml'),
            env: read('env.json'),
            script: readFileSync(require.resolve('uplot/dist/uPlot.iife.min.js'), 'utf8'),
            style: readFileSync(require.resolve('uplot/dist/uPlot.min.css'), 'utf8'),
        });
        writeFileSync(join(runFolder, 'report.html'), page);
    };
    return { onEpochEnd: write, onTrainEnd: write };
}
//# sourceMappingURL=report.js.map