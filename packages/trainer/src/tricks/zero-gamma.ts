/** The last batch norm of each residual block begins at gamma 0, so that every block begins as its shortcut (section 3.1). */
import { defineTrick } from '@bag-of-tricks/train-step';
export const zeroGamma = defineTrick({
  name: 'zeroGamma',
  description: 'last BN gamma of each residual block starts at 0 (section 3.1)',
  on: true,
  settings: {},
  flags: [
    ['--zero-gamma', {}, 'last BN gamma of each residual block starts at 0'],
    ['--no-zero-gamma', null, 'every BN gamma starts at 1'],
  ],
  network: () => ({ zeroGamma: true }),
  networkWithout: { zeroGamma: false },
});
