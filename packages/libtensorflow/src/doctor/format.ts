import type { Diagnosis } from './diagnose.ts';

/** The diagnosis as text for a terminal, a line a finding, with what to do below each that is not `ok`. */
export function formatDiagnosis({ canTrain, findings, tried }: Diagnosis): string {
  const width = Math.max(...findings.map(({ name }) => name.length));
  const indent = ' '.repeat('warn  '.length + width + 2);
  const lines = findings.flatMap(({ name, value, status, remedy }) => {
    const line = `${status.padEnd(4)}  ${name.padEnd(width)}  ${value}`;
    return remedy === undefined ? [line] : [line, `${indent}-> ${remedy}`];
  });
  const places = tried.map(({ place, reason }) => `      ${place}: ${reason}`);
  const search =
    places.length === 0 ? [] : ['', 'Looked for the library before that in:', ...places];
  const verdict = canTrain
    ? 'Training can run.'
    : 'Training cannot run: mend what is marked "fail".';
  return [...lines, ...search, '', verdict].join('\n');
}
