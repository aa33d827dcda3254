import { noBiasDecay as groupsOf } from '@bag-of-tricks/optimizer';
import { defineTrick } from './trick.ts';

/** Weight decay moves conv and dense weights alone, not biases and batch norm's parameters (section 3.1). */
export const noBiasDecay = defineTrick({
  name: 'noBiasDecay',
  description: 'decay conv and dense weights only (section 3.1)',
  on: true,
  settings: {},
  flags: [
    { flags: '--no-bias-decay', value: {}, description: 'decay conv and dense weights only' },
    { flags: '--bias-decay', value: null, description: 'decay every parameter' },
  ],
  parameterGroups: () => groupsOf,
});
