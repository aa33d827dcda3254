import type { Cluster, Meeting } from './cluster.ts';
import { expandHosts, expandTasks } from './slurm.ts';

/** Variables of the environment, such as `process.env`. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** What started a process says of the others. */
export type Placement = { readonly by: string } & (
  | { readonly cluster: Cluster }
  | { readonly meeting: Meeting }
);

/**
 * The processes that train together, as whoever started them tells it: `TF_CONFIG` (Kubeflow, Vertex AI, SageMaker), then torchrun's `RANK`
 * and `WORLD_SIZE`, Open MPI's variables, and Slurm's. Null for a process by itself, also in a cluster of one.
 *
 * @example
 * ```ts
 * import { placementFrom } from '@bag-of-tricks/data-parallel';
 *
 * const TF_CONFIG = JSON.stringify({
 *   cluster: { worker: ['a:2222', 'b:2222'] },
 *   task: { type: 'worker', index: 1 },
 * });
 * console.log(placementFrom({ TF_CONFIG })); // by TF_CONFIG: rank 1 of a:2222, b:2222
 * ```
 *
 * @throws Error - naming the variable that is missing, no number, or contradicts another.
 */
export function placementFrom(environment: Environment): Placement | null {
  for (const read of [fromTfConfig, fromTorchrun, fromOpenMpi, fromSlurm]) {
    const placement = read(environment);
    if (placement === undefined) continue;
    const size =
      'cluster' in placement ? placement.cluster.addresses.length : placement.meeting.size;
    return size > 1 ? placement : null;
  }
  // Scripts for Slurm and Open MPI may set one of the two beside what they are read from.
  const { RANK, WORLD_SIZE } = environment;
  if (RANK === undefined && (WORLD_SIZE ?? '1') === '1') return null;
  throw new Error(
    `RANK and WORLD_SIZE: expected both or none, got ${RANK === undefined ? `WORLD_SIZE=${WORLD_SIZE}` : `RANK=${RANK}`} alone. Set both in all processes, or unset it to train by a single one`,
  );
}

/** Ranks are counted through these kinds of tasks, in this order; a cluster has at most one of the first two. */
const trainingTasks = ['chief', 'master', 'worker'];

function fromTfConfig({ TF_CONFIG: text }: Environment): Placement | undefined {
  if (!text) return undefined;
  const refuse = (expected: string, got: unknown): never => {
    throw new Error(
      `TF_CONFIG: expected ${expected}, got ${JSON.stringify(got)}. Give it as {"cluster": {"worker": ["host:port", ...]}, "task": {"type": "worker", "index": 0}}`,
    );
  };
  let config: unknown;
  try {
    config = JSON.parse(text);
  } catch {
    return refuse('JSON', text.slice(0, 60));
  }
  if (!isObject(config)) return refuse('an object', config);
  const task = (config.task ?? {}) as { readonly type?: unknown; readonly index?: unknown };
  const cluster = config.cluster ?? {};
  if (!isObject(cluster)) return refuse('an object in cluster', cluster);
  const index = /^\d{1,9}$/.test(String(task.index)) ? Number(task.index) : -1;
  // Some platforms set it for a single process too, without a cluster.
  if (Object.keys(cluster).length === 0) {
    const other = Object.keys(config).find((name) => /^clusters?$/i.test(name));
    if (index > 0 || (other ?? 'cluster') !== 'cluster') refuse('a cluster', config);
    return undefined;
  }
  const members = trainingTasks.flatMap((type) => {
    const addresses = cluster[type] ?? [];
    if (!Array.isArray(addresses) || !addresses.every(isAddress)) {
      return refuse(`a list of host:port in cluster.${type}`, addresses);
    }
    return addresses.map((address: string, index) => ({ address, type, index }));
  });
  const rank = members.findIndex((one) => one.type === task.type && one.index === index);
  if (rank < 0) {
    const known = members.map(({ type, index }) => `${type} ${index}`).join(', ') || 'none';
    return refuse(`a task of the cluster (${known}) that trains`, task);
  }
  const addresses = members.map(({ address }) => address);
  requireDifferent('TF_CONFIG', addresses);
  return { by: 'TF_CONFIG', cluster: { addresses, rank } };
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function isAddress(value: unknown): value is string {
  const pattern = /^(?:[^\s:/]+|\[[0-9a-f:]+\]):(\d{1,5})$/i;
  const [, port] = (typeof value === 'string' && pattern.exec(value)) || [];
  return isPort(Number(port));
}

const isPort = (port: number) => port >= 1 && port <= 65_535;

function requireDifferent(name: string, addresses: readonly string[]): void {
  const twice = addresses.find((address, i) => addresses.indexOf(address) !== i);
  if (twice === undefined) return;
  throw new Error(
    `${name}: expected an address of its own for each process, got ${twice} twice. Give another port`,
  );
}

function fromTorchrun(environment: Environment): Placement | undefined {
  const { RANK, WORLD_SIZE, MASTER_ADDR, MASTER_PORT } = environment;
  if (RANK === undefined || WORLD_SIZE === undefined) return undefined;
  const [rank, size] = [whole('RANK', RANK), whole('WORLD_SIZE', WORLD_SIZE)];
  requireRank('RANK', rank, size);
  if (size === 1) return { by: 'torchrun', meeting: { rank, size, master: { host: '', port: 0 } } };
  if (!MASTER_ADDR || !MASTER_PORT) throw needsMaster('RANK and WORLD_SIZE');
  // torchrun's own store listens at the port itself.
  const offset = environment.TORCHELASTIC_USE_AGENT_STORE === 'True' ? 1 : 0;
  const port = masterPort(MASTER_PORT, offset);
  return { by: 'torchrun', meeting: { rank, size, master: { host: MASTER_ADDR, port } } };
}

function fromOpenMpi(environment: Environment): Placement | undefined {
  const { OMPI_COMM_WORLD_RANK: rankText, OMPI_COMM_WORLD_SIZE: sizeText } = environment;
  if (rankText === undefined || sizeText === undefined) return undefined;
  const rank = whole('OMPI_COMM_WORLD_RANK', rankText);
  const size = whole('OMPI_COMM_WORLD_SIZE', sizeText);
  requireRank('OMPI_COMM_WORLD_RANK', rank, size);
  const { MASTER_ADDR, MASTER_PORT, OMPI_COMM_WORLD_LOCAL_SIZE: local } = environment;
  const onOneHost = local !== undefined && whole('OMPI_COMM_WORLD_LOCAL_SIZE', local) === size;
  const host = MASTER_ADDR || (onOneHost ? '127.0.0.1' : '');
  if (size > 1 && (!host || !MASTER_PORT)) throw needsMaster("Open MPI's variables");
  const port = size > 1 ? masterPort(MASTER_PORT!) : 0;
  return { by: 'Open MPI', meeting: { rank, size, master: { host, port } } };
}

function masterPort(text: string, offset = 0): number {
  const port = whole('MASTER_PORT', text) + offset;
  if (isPort(port)) return port;
  throw new Error(
    `MASTER_PORT: expected a port from 1 to ${65_535 - offset}, got ${text}. Give another one to all processes`,
  );
}

const needsMaster = (by: string) =>
  new Error(
    `MASTER_ADDR and MASTER_PORT: expected where rank 0 waits for the others, with ${by}, got none. Set both in all processes, for mpirun by -x`,
  );

/** Ports of jobs lie in a range of their own, so that two jobs on a node do not meet. */
const slurmPorts = { first: 20_000, count: 20_000, ofJob: 64 };

function fromSlurm(environment: Environment): Placement | undefined {
  const { SLURM_PROCID, SLURM_STEP_NUM_TASKS, SLURM_STEP_NODELIST, SLURM_STEP_TASKS_PER_NODE } =
    environment;
  // Without a step, as in the batch script itself, there is one process.
  if (SLURM_PROCID === undefined || SLURM_STEP_NUM_TASKS === undefined) return undefined;
  const rank = whole('SLURM_PROCID', SLURM_PROCID);
  const size = whole('SLURM_STEP_NUM_TASKS', SLURM_STEP_NUM_TASKS);
  requireRank('SLURM_PROCID', rank, size);
  const hosts = expandHosts(SLURM_STEP_NODELIST ?? '');
  const tasks = expandTasks(SLURM_STEP_TASKS_PER_NODE ?? '');
  const total = tasks.reduce((sum, count) => sum + count, 0);
  if (hosts.length !== tasks.length || total !== size) {
    throw new Error(
      `SLURM_STEP_NODELIST, SLURM_STEP_TASKS_PER_NODE: expected the nodes of ${size} tasks, got ${hosts.length} nodes and tasks ${tasks.join(', ')}. Start it by srun`,
    );
  }
  const job = whole('SLURM_JOB_ID', environment.SLURM_JOB_ID ?? '0');
  const { first, count, ofJob } = slurmPorts;
  const port = first + ((job * ofJob) % count);
  const addresses = hosts.flatMap((host, node) =>
    Array.from({ length: tasks[node]! }, (_, local) => `${host}:${port + local}`),
  );
  return { by: 'Slurm', cluster: { addresses, rank } };
}

function whole(name: string, text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new Error(`${name}: expected a whole number, got ${JSON.stringify(text)}.`);
}

function requireRank(name: string, rank: number, size: number): void {
  if (rank < size) return;
  throw new Error(`${name}: expected a rank below the ${size} processes, got ${rank}.`);
}
