import type { ImageSource } from '../../source.ts';
import type { ClassMap } from '../class-map.ts';
import { findShards } from '../shards/find-shards.ts';
import { openShards } from '../shards/open-shards.ts';
import { shardClasses } from '../shards/shard-classes.ts';
import type { ExampleKeys } from './labelled-example.ts';
import { listRecords } from './list-records.ts';
import { TfRecordSource } from './tf-record-source.ts';

/** Options of `tfRecords`. */
export interface TfRecordsOptions extends ExampleKeys {
  /** The subfolder, or a word in the files' names. As in `imageFolder`, `val` also finds `validation` and `test`. */
  readonly split?: string;
  /** Names of the classes. Default: `classes.json` or `classes.txt` beside the files or one folder up, else the texts in the records, else numbers. */
  readonly classMap?: ClassMap;
  /** Called with what is odd but can be worked with, such as an index that cannot be written. */
  readonly onWarning?: (message: string) => void;
  readonly signal?: AbortSignal;
}

/** `x.tfrecord`, `x.tfrecords`, `x.tfrecord-00000-of-00010`, `train-00000-of-01024` */
const FILE_NAME = /\.tfrecords?(-\d+-of-\d+)?$|^[^.]*-\d+-of-\d+$/;

/**
 * The images in TFRecord files of `tf.Example`, by default with the features of TensorFlow's ImageNet files. For files
 * of TensorFlow Datasets: `{ imageKey: 'image', labelKey: 'label', nameKey: 'file_name', labelOffset: 0 }`.
 *
 * The first opening reads the files once and leaves an index `<file>.index` beside each. The CRC of a record's data is
 * checked whenever it is read: a record that fails is a bad image. One whose length fails makes the file unreadable.
 *
 * @param path - A folder, a file, names such as `train-{00000..01023}-of-01024` or `*.tfrecord`, or a list of these.
 *
 * @example
 * ```ts no-run
 * import { tfRecords } from '@bag-of-tricks/image-data';
 *
 * const train = await tfRecords('imagenet-tfrecords', { split: 'train' });
 * ```
 *
 * @throws Error when there is no file, a file is damaged, or a record has no image or label: with the file and the record.
 */
export async function tfRecords(
  path: string | readonly string[],
  {
    imageKey = 'image/encoded',
    labelKey = 'image/class/label',
    textKey = 'image/class/text',
    nameKey = 'image/filename',
    labelOffset = 1,
    split,
    classMap,
    onWarning: warn = () => {},
    signal,
  }: TfRecordsOptions = {},
): Promise<ImageSource> {
  if (!Number.isSafeInteger(labelOffset) || labelOffset < 0) {
    throw new RangeError(
      `tfRecords: expected labelOffset to be a whole number from 0 on, got ${labelOffset}.`,
    );
  }
  const keys = { imageKey, labelKey, textKey, nameKey, labelOffset };
  const files = await findShards(path, {
    caller: 'tfRecords',
    kind: '*.tfrecord or *-00000-of-01024',
    accepts: (name) => FILE_NAME.test(name),
    split,
    warn,
  });
  const table = await openShards(files, {
    kind: `tfrecord ${JSON.stringify(keys)}`,
    list: (reader, file) => listRecords(reader, file, keys),
    windowBytes: 1 << 22,
    warn,
    signal,
  });
  if (table.size === 0) {
    throw new Error(`tfRecords: expected records in ${files.join(', ')}, found none.`);
  }
  const source = new TfRecordSource(typeof path === 'string' ? path : files[0]!, table, keys);
  source.classNames = await shardClasses('tfRecords', files[0]!, table.classCount, {
    classMap,
    otherwise: () => source.classTexts(signal),
  });
  return source;
}
