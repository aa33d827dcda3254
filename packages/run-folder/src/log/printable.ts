/** Control characters, ends of lines, marks that reverse the direction of writing, and halves of characters. */
const acting = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu;

const named: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

function escapeCharacter(character: string): string {
  const code = character.charCodeAt(0).toString(16);
  return named[character] ?? (code.length > 2 ? `\\u${code}` : `\\x${code.padStart(2, '0')}`);
}

/**
 * A line of text that a terminal or a log shows as it is: what would move the cursor, change colours or begin a line of its own is
 * written as an escape, such as `\x1b`. Names of files and classes may hold any of it.
 */
export const printable = (text: string): string => text.replace(acting, escapeCharacter);

/** A message of several lines, made printable; those after the first are indented, so that none passes for a line of the log. */
export const printableLines = (text: string): string =>
  text.trimEnd().split('\n').map(printable).join('\n  ');

/** A value as JSON in which what would act on a terminal is escaped as JSON has it, such as `\u202e`. */
export const printableJson = (value: unknown): string =>
  JSON.stringify(value).replace(
    acting,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
