import fc from 'fast-check';
import { expect, test } from 'vitest';
import { printable, printableJson, printableLines } from './printable.ts';

test('what acts on a terminal is written as an escape, what does not stays', () => {
  expect(printable('Größe 猫 👩‍🚀.jpg')).toBe('Größe 猫 👩‍🚀.jpg');
  expect(printable('a\u001b[31m\r\nb\tc\u0007\u009b2J')).toBe('a\\x1b[31m\\r\\nb\\tc\\x07\\x9b2J');
  expect(printable('gpj.\u202eexe\u2028\ud800')).toBe('gpj.\\u202eexe\\u2028\\ud800');
});

test('nothing that is printed holds a control character, and printing twice changes nothing', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const once = printable(text);
      expect(once).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\p{Bidi_Control}]/u);
      expect(printable(once)).toBe(once);
    }),
  );
});

test('lines of a message after the first are indented, so that none passes for one of the log', () => {
  expect(printableLines('two problems\nTrain: 9\r\n')).toBe('two problems\n  Train: 9');
  expect(printableLines('a\nError: \u001b]0;x')).toBe('a\n  Error: \\x1b]0;x');
});

test('JSON holds nothing that acts on a terminal, and reads back the same', () => {
  expect(printableJson({ image: 'gpj.\u202eexe' })).toBe('{"image":"gpj.\\u202eexe"}');
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const json = printableJson({ text });
      expect(printable(json)).toBe(json);
      expect(JSON.parse(json)).toEqual({ text });
    }),
  );
});
