import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { registerTensorFlowBackend } from '@bag-of-tricks/libtensorflow';
import type { TrainResult } from '@bag-of-tricks/run-folder';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, expect, onTestFinished, test } from 'vitest';
import { type FitOptions, fit } from './fit.ts';

const script = fileURLToPath(new URL('../test/fit-in-a-process.mjs', import.meta.url));

interface Fitted {
  readonly result: TrainResult;
  readonly losses: number[];
  readonly lines: string[];
  /** Of all weights and statistics. */
  readonly hash: string;
  readonly weights: Record<string, number[]>;
}

/** What each of the processes prints for each of the jobs, by rank. */
async function together(size: number, jobs: readonly object[]): Promise<Fitted[][]> {
  const servers = Array.from({ length: size }, () => createServer().listen(0, '127.0.0.1'));
  await Promise.all(servers.map((server) => once(server, 'listening')));
  const addresses = servers.map((server) => {
    const { port } = server.address() as { port: number };
    server.close();
    return `127.0.0.1:${port}`;
  });
  const outputs = await Promise.all(
    addresses.map((_, rank) => {
      const given = [script, String(rank), addresses.join(), JSON.stringify(jobs)];
      return promisify(execFile)(process.execPath, given, { maxBuffer: 2 ** 26 });
    }),
  );
  expect(outputs.map(({ stderr }) => stderr)).toEqual(addresses.map(() => ''));
  return outputs.map(({ stdout }) => stdout.trim().split('\n').map((line) => JSON.parse(line)));
}

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'cluster-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

const recipe = { linearScaling: {}, warmup: {}, schedule: {}, labelSmoothing: {}, dataParallel: {} };
