import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Script } from 'node:vm';
import { expect, test } from 'vitest';
import { readCurves, reportLog } from './report.ts';

const runFolder = mkdtempSync(join(tmpdir(), 'report-'));
writeFileSync(
  join(runFolder, 'metrics.jsonl'),
  '{"step":1,"loss":null,"lr":0.1,"lossScale":1024,"skippedSteps":1}\n{"step":2,"loss":2.25,"lr":0.05}\n',
);
writeFileSync(
  join(runFolder, 'summary.csv'),
  'epoch,train_loss,train_top1,eval_loss,eval_top1\n0,2.4,40,,\n1,2.2,55,0.5,80\n',
);
writeFileSync(join(runFolder, 'args.yaml'), 'experiment: </pre><script>alert(1)</script>\n');
writeFileSync(join(runFolder, 'env.json'), '{"node": "v20"}\n');

const columns = [
  { value: 'scale', jsonl: 'lossScale', chart: 'Loss scale (log2)', log2: true },
  { value: 'count', jsonl: 'skippedSteps' },
];

test('curves are columns; epochs without an evaluation have none', () => {
  expect(readCurves(runFolder, columns)).toEqual({
    steps: [
      [1, 2],
      [null, 2.25],
      [0.1, 0.05],
    ],
    tricks: [{ title: 'Loss scale (log2)', values: [10, null] }],
    epochs: [
      [1, 2],
      [40, 55],
      [null, 80],
    ],
    accuracies: ['train', 'evaluation'],
  });
});

test('the report holds its curves and its library, and text of the run is never markup', () => {
  reportLog(runFolder, { columns }).onTrainEnd!({} as never);
  const page = readFileSync(join(runFolder, 'report.html'), 'utf8');
  expect(page).toContain('[null,2.25]');
  expect(page).toContain('Loss scale (log2)');
  expect(page).toContain('&lt;script&gt;alert(1)');
  const scripts = [...page.matchAll(/<script>(.*?)<\/script>/gs)].map(([, code]) => code!);
  expect(scripts).toHaveLength(2);
  for (const code of scripts) expect(() => new Script(code)).not.toThrow();
  expect(page).not.toMatch(/(src|href)=/);
});
