import { expect, test } from 'vitest';
import { nearestName } from './nearest.ts';

test('a typo finds the name that was meant', () => {
  expect(nearestName('lables', ['labels', 'logits', 'lambda'])).toBe('labels');
  expect(nearestName('resnet50D', ['resnet50', 'resnet50d'])).toBe('resnet50d');
});

test('a name that is like none finds none', () => {
  expect(nearestName('zebra', ['labels', 'logits'])).toBeNull();
});
