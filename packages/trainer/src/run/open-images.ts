import { checkedDataset, type Dataset } from '@bag-of-tricks/image-data';
import { openDataset, stepsInEpoch } from '../data/open.ts';
import { featureShapeOf } from './feature-dataset.ts';
import type { OpenOptions, Run, RunRequest } from './open-run.ts';
import { checkDataset, requireSameData } from './same-data.ts';
import { keepsProcesses } from './same-start.ts';

/** Features are those of a step that is taken again, and were checked before. */
const checkedData = (data: Dataset) => (featureShapeOf(data) ? data : checkedDataset(data));

/** The images of a process, and how they make an epoch. */
export async function openImages(
  {
    config,
    own,
    checkpoint,
    processes: { rank, size: worldSize },
    opened,
  }: Pick<RunRequest, 'config' | 'own' | 'checkpoint'> &
    Pick<Run, 'processes'> & { readonly opened: { add(close: () => unknown): void } },
  { onProgress = () => {}, signal, acceptChangedData: accept = false }: OpenOptions,
): Promise<Pick<Run, 'dataset' | 'data' | 'stepsPerEpoch' | 'renumbered'>> {
  const dataset = own.data
    ? checkedData(own.data)
    : await openDataset(config, { onProgress, onWarning: onProgress, signal, rank, worldSize });
  if (!own.data) opened.add(() => dataset.close());
  if (checkpoint) checkDataset(checkpoint, dataset);
  const renumbered = checkpoint !== null && !keepsProcesses(checkpoint, worldSize);
  // Of changed images there may be more or fewer steps: the run keeps those that it began with.
  const kept = renumbered ? null : checkpoint?.state.data;
  const stepsPerEpoch = kept?.stepsPerEpoch ?? stepsInEpoch(dataset, config);
  const comparing = { checkpoint, stepsPerEpoch, accept, warn: onProgress };
  const data = await requireSameData(dataset, comparing);
  return { dataset, data, stepsPerEpoch, renumbered };
}
