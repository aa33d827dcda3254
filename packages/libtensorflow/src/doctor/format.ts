import { homedir } from 'node:os';
import type { Diagnosis } from './diagnose.ts';

/** A text to paste into an issue: without addresses of the memory, which are others each time, and without the user's name in the home folder. */
export function withoutTraces(text: string, home = homedir()): string {
  // An address of a file has the slashes of Unix on Windows too. In containers home may be `/` or nothing.
  const forms = [home, home.replaceAll('\\', '/')].filter(({ length }) => length > 1);
  const nameless = forms.reduce((rest, form) => rest.replaceAll(form, '~'), text);
  return nameless.replaceAll(/\b0x[0-9a-f]{6,}\b/gi, '0x...');
}

/** The diagnosis as text for a terminal or an issue, a line a finding, with what to do below each that is not `ok`. */
export function formatDiagnosis(
  { canTrain, findings, tried }: Diagnosis,
  home = homedir(),
): string {
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
  return withoutTraces([...lines, ...search, '', verdict].join('\n'), home);
}
