import { noBiasDecay as groupsOf } from '@bag-of-tricks/optimizer';
import { defineTrick } from '@bag-of-tricks/train-step';

/** Weight decay moves conv and dense weights alone, not biases and batch norm's parameters (section 3.1). */
export const noBiasDecay = defineTrick({
  name: 'noBiasDecay',
  description: 'decay conv and dense weights only (section 3.1)',
  on: true,
  settings: {},
  flags: [
    ['--no-bias-decay', {}, 'decay conv and dense weights only'],
    ['--bias-decay', null, 'decay every parameter'],
  ],
  parameterGroups: () => groupsOf,
});
