import {
  type Cluster,
  connect as connectTo,
  LostProcessError,
  type Processes,
  type WaitOptions,
} from '@bag-of-tricks/data-parallel';
import { stillGoing } from './still-going.ts';

/** How to wait for rank 0. */
export interface Waiting extends Pick<WaitOptions, 'signal'> {
  readonly say: (line: string) => void;
  /** Default: that of data-parallel. */
  readonly connect?: (
    ...given: Parameters<typeof connectTo>
  ) => Promise<Pick<Processes, 'gather' | 'dispose'>>;
}

/**
 * What rank 0 finds on its machine, in all processes, before they connect for their run: on unlike machines each would find something
 * else. A process by itself finds it alone.
 *
 * @throws What `find` throws; in the other processes LostProcessError with its message.
 */
export async function fromFirst<Found>(
  cluster: Cluster | null | undefined,
  find: () => Promise<Found>,
  { signal, say, connect = connectTo }: Waiting,
): Promise<Found> {
  if (!cluster) return find();
  const onWait = (message: string) => say(`Warning: ${message}`);
  const { gather, dispose } = await connect(cluster, { signal, onWait });
  try {
    const own = cluster.rank > 0 ? null : await find().then(foundIt, failed);
    const [first] = await stillGoing('The wait for rank 0', gather(own), say);
    if (own && 'error' in own) throw own.error;
    if (first && 'found' in first) return first.found;
    throw new LostProcessError(`rank 0 has ended: ${first?.message}`);
  } finally {
    await dispose();
  }
}

const foundIt = <Found>(found: Found) => ({ found });
/** The others hear of it before rank 0 ends. */
const failed = (error: Error) => ({ error, message: error.message });
