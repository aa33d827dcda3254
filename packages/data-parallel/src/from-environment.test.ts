import { expect, test } from 'vitest';
import { placementFrom } from './from-environment.ts';

const tfConfig = (cluster: object, task: object) => ({
  TF_CONFIG: JSON.stringify({ cluster, task, environment: 'cloud' }),
});
const two = ['a:2222', 'b:2222'];

test("TF_CONFIG's chief is rank 0, its workers follow, and others do not train", () => {
  // As Kubeflow's TFJob with a chief writes it.
  const cluster = {
    chief: ['job-chief-0.ns.svc:2222'],
    worker: two,
    ps: ['c:1'],
    evaluator: ['d:1'],
  };
  const addresses = ['job-chief-0.ns.svc:2222', ...two];
  expect(placementFrom(tfConfig(cluster, { type: 'chief', index: 0 }))).toEqual({
    by: 'TF_CONFIG',
    cluster: { addresses, rank: 0 },
  });
  // Vertex AI writes the index as a text.
  expect(placementFrom(tfConfig(cluster, { type: 'worker', index: '1' }))).toMatchObject({
    cluster: { addresses, rank: 2 },
  });
  expect(() => placementFrom(tfConfig(cluster, { type: 'ps', index: 0 }))).toThrow(
    'TF_CONFIG: expected a task of the cluster (chief 0, worker 0, worker 1) that trains, got {"type":"ps","index":0}',
  );
});

test('a cluster of one, or none, is a process by itself', () => {
  expect(placementFrom({})).toBeNull();
  expect(placementFrom({ TF_CONFIG: '' })).toBeNull();
  expect(placementFrom({ TF_CONFIG: '{}' })).toBeNull();
  expect(
    placementFrom({ TF_CONFIG: '{"environment": "cloud", "task": {"type": "chief"}}' }),
  ).toBeNull();
  expect(placementFrom(tfConfig({ worker: ['a:1'] }, { type: 'worker', index: 0 }))).toBeNull();
  expect(placementFrom({ RANK: '0', WORLD_SIZE: '1' })).toBeNull();
  expect(placementFrom({ OMPI_COMM_WORLD_RANK: '0', OMPI_COMM_WORLD_SIZE: '1' })).toBeNull();
  // In the batch script of a job, outside of srun.
  expect(placementFrom({ SLURM_PROCID: '0', SLURM_NTASKS: '4' })).toBeNull();
});

test.each([
  ['no JSON', { TF_CONFIG: 'worker' }, 'TF_CONFIG: expected JSON, got "worker"'],
  ['a text', { TF_CONFIG: '"x"' }, 'TF_CONFIG: expected an object, got "x"'],
  ['a list', { TF_CONFIG: '[]' }, 'TF_CONFIG: expected an object, got []'],
  ['null', { TF_CONFIG: 'null' }, 'TF_CONFIG: expected an object, got null'],
  ['a cluster that is a list', tfConfig(two, {}), 'expected an object in cluster, got ["a:2222"'],
  [
    'a cluster of another name',
    { TF_CONFIG: JSON.stringify({ Cluster: { worker: two }, task: { type: 'worker', index: 0 } }) },
    'TF_CONFIG: expected a cluster, got {"Cluster":',
  ],
  [
    'a second task without a cluster',
    { TF_CONFIG: '{"task": {"type": "worker", "index": "1"}}' },
    'TF_CONFIG: expected a cluster, got {"task":',
  ],
  ['port 0', tfConfig({ worker: ['a:0', 'b:1'] }, {}), 'expected a list of host:port'],
  ['a high port', tfConfig({ worker: ['a:1', 'b:65536'] }, {}), 'expected a list of host:port'],
  ['an index of null', tfConfig({ worker: two }, { type: 'worker', index: null }), 'that trains'],
  ['an empty index', tfConfig({ worker: two }, { type: 'worker', index: '' }), 'that trains'],
  [
    'a high port of the master',
    { RANK: '0', WORLD_SIZE: '2', MASTER_ADDR: 'a', MASTER_PORT: '99999' },
    'MASTER_PORT: expected a port from 1 to 65535, got 99999',
  ],
  [
    'port 0 of the master',
    {
      ...{ OMPI_COMM_WORLD_RANK: '0', OMPI_COMM_WORLD_SIZE: '2' },
      ...{ MASTER_ADDR: 'a', MASTER_PORT: '0' },
    },
    'MASTER_PORT: expected a port from 1 to 65535, got 0',
  ],
  ['no list', tfConfig({ worker: 'a:1' }, {}), 'expected a list of host:port in cluster.worker'],
  ['no port', tfConfig({ worker: ['a'] }, {}), 'expected a list of host:port in cluster.worker'],
  ['no task', tfConfig({ worker: two }, {}), 'that trains, got {}'],
  ['a rank too many', tfConfig({ worker: two }, { type: 'worker', index: 2 }), 'that trains'],
  [
    'an address twice',
    tfConfig({ worker: ['a:1', 'a:1'] }, { type: 'worker', index: 0 }),
    'got a:1 twice',
  ],
  [
    'a size without a rank',
    { WORLD_SIZE: '2', MASTER_ADDR: 'a', MASTER_PORT: '1' },
    'RANK and WORLD_SIZE: expected both or none, got WORLD_SIZE=2 alone',
  ],
  ['a rank without a size', { RANK: '1' }, 'expected both or none, got RANK=1 alone'],
  ['no master', { RANK: '0', WORLD_SIZE: '2' }, 'MASTER_ADDR and MASTER_PORT: expected'],
  ['no number', { RANK: 'a', WORLD_SIZE: '2' }, 'RANK: expected a whole number, got "a"'],
  ['a high rank', { RANK: '2', WORLD_SIZE: '2' }, 'RANK: expected a rank below the 2 processes'],
  [
    'hosts that Open MPI does not name',
    { OMPI_COMM_WORLD_RANK: '0', OMPI_COMM_WORLD_SIZE: '4', OMPI_COMM_WORLD_LOCAL_SIZE: '2' },
    'for mpirun by -x',
  ],
  [
    'tasks that do not add up',
    {
      ...{ SLURM_PROCID: '0', SLURM_STEP_NUM_TASKS: '3', SLURM_STEP_NODELIST: 'n[1-2]' },
      SLURM_STEP_TASKS_PER_NODE: '1(x2)',
    },
    'expected the nodes of 3 tasks, got 2 nodes and tasks 1, 1',
  ],
])('%s is refused', (_, environment, message) => {
  expect(() => placementFrom(environment)).toThrow(message);
});

const torchrun = { RANK: '1', WORLD_SIZE: '4', MASTER_ADDR: 'head', MASTER_PORT: '29500' };

test("torchrun's processes meet at the master, beside torchrun's own store", () => {
  const meeting = { rank: 1, size: 4, master: { host: 'head', port: 29_500 } };
  expect(placementFrom(torchrun)).toEqual({ by: 'torchrun', meeting });
  const besides = { ...torchrun, TORCHELASTIC_USE_AGENT_STORE: 'True' };
  expect(placementFrom(besides)).toMatchObject({ meeting: { master: { port: 29_501 } } });
});

test("Open MPI's processes on one host need only a port", () => {
  const local = { OMPI_COMM_WORLD_LOCAL_SIZE: '2', MASTER_PORT: '29500' };
  const started = { OMPI_COMM_WORLD_RANK: '1', OMPI_COMM_WORLD_SIZE: '2', ...local };
  expect(placementFrom(started)).toEqual({
    by: 'Open MPI',
    meeting: { rank: 1, size: 2, master: { host: '127.0.0.1', port: 29_500 } },
  });
});

test("Slurm's tasks have ports of their job, one after the other on each node", () => {
  expect(
    placementFrom({
      ...{ SLURM_PROCID: '2', SLURM_STEP_NUM_TASKS: '5', SLURM_JOB_ID: '1000' },
      ...{ SLURM_STEP_NODELIST: 'gpu[08-09],login', SLURM_STEP_TASKS_PER_NODE: '2(x2),1' },
    }),
  ).toEqual({
    by: 'Slurm',
    cluster: {
      addresses: ['gpu08:24000', 'gpu08:24001', 'gpu09:24000', 'gpu09:24001', 'login:24000'],
      rank: 2,
    },
  });
});
