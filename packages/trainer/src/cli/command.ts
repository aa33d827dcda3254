import { printableLines } from '@bag-of-tricks/run-folder';
import { Command } from 'commander';
import pc from 'picocolors';

/** The shortest name that begins with what was given, or that it begins with: `--lr` for `--lr-base`, `evaluate` for `eval`. */
function completion(given: string, names: readonly string[]): string | undefined {
  return names
    .filter((name) => name.startsWith(given) || given.startsWith(name))
    .sort((a, b) => a.length - b.length)[0];
}

/** What commander says of a wrong command line, with a suggestion where it has none of its own. */
function withSuggestion(text: string, { commands, options }: Command): string {
  const [, kind, given = ''] = /^error: unknown (option|command) '(.*)'/.exec(text) ?? [];
  if (kind === undefined || text.includes('Did you mean')) return text;
  const names =
    kind === 'command' ? commands.map((one) => one.name()) : options.map(({ long }) => long ?? '');
  const near = given.length > 2 ? completion(given, names.filter(Boolean)) : undefined;
  return near === undefined ? text : `${text.trimEnd()}\n(Did you mean ${near}?)`;
}

/** A command whose errors can be printed, and are thrown (a `CommanderError`) for `main` to end with. */
export function createCommand(name: string): Command {
  const command = new Command(name);
  return command.exitOverride().configureOutput({
    outputError(text, write) {
      const message = printableLines(withSuggestion(text, command));
      write(`${message.replace(/^error:/, pc.red('error:'))}\n`);
    },
  });
}
