import { expect, onTestFinished, test } from 'vitest';
import { hearSaveRequests, saveOnRequest } from './save-requests.ts';

test('rank 0 promises a checkpoint once, and another rank says who makes them', () => {
  hearSaveRequests();
  onTestFinished(() => void process.removeAllListeners('SIGUSR1'));
  const said: string[] = [];
  const isDue = saveOnRequest((line) => said.push(line));
  process.emit('SIGUSR1');
  expect([isDue(), isDue()]).toEqual([true, false]);
  saveOnRequest((line) => said.push(line), 3);
  process.emit('SIGUSR1');
  expect(said).toEqual([
    'SIGUSR1: saving after this step, then going on',
    'SIGUSR1: rank 0 saves, and not rank 3: send it there',
  ]);
});
