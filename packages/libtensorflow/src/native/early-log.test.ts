import { expect, test } from 'vitest';
import { withoutInformation } from './early-log.ts';

test('information and the note about it are dropped, all else stays as it is', () => {
  const log = [
    'WARNING: All log messages before absl::InitializeLog() is called are written to STDERR\n',
    'I0000 00:00:1795570395.187966    8082 port.cc:153] oneDNN custom operations are on.\n',
    'W0000 00:00:1795570395.187966    8082 port.cc:153] a warning\n',
    'E0000 00:00:1795570395.187966    8082 port.cc:153] an error\n',
    'Information of another program',
  ].join('');
  expect(withoutInformation(log)).toBe(log.slice(log.indexOf('W0000')));
});
