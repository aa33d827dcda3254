import { expect, test } from 'vitest';
import { typedCommand } from './environment.ts';

test('the command is what was typed, without the folders of this machine', () => {
  expect(typedCommand(['/usr/bin/node', '/home/me/train-mine.js', '--epochs', '3'])).toBe(
    'train-mine.js --epochs 3',
  );
  expect(typedCommand(['/usr/bin/node'])).toBe('');
});
