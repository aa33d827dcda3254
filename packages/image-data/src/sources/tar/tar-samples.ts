import { displayName } from '../display-name.ts';
import type { ByteReader } from '../shards/byte-reader.ts';
import { MAX_CLASSES, type ShardEntry } from '../shards/shard-entry.ts';
import { type TarMember, tarMembers } from './tar-members.ts';

/** Extensions of images, in lower case. */
const IMAGES = new Set(['jpg', 'jpeg', 'png', 'webp', 'gif']);

/** Longest `.cls` or `.json` that is read, in bytes. */
const MAX_LABEL_BYTES = 1 << 24;

/** Names of samples without image that a warning tells. */
const MOST_EXAMPLES = 5;

interface Sample {
  readonly key: string;
  /** Name of its first member. */
  readonly first: string;
  image?: TarMember;
  cls?: TarMember;
  json?: TarMember;
}

/**
 * The images of a WebDataset shard with their labels. Members that stand together and have the same key, the name up
 * to the first dot of its last part, are one sample: the image, and its class as `.cls` or in a `.json`.
 *
 * @throws Error with the archive and the sample when an image has no label, two members are its image, or the label
 * is no whole number.
 */
export async function* tarSamples(
  reader: ByteReader,
  archive: string,
  warn?: (message: string) => void,
): AsyncGenerator<ShardEntry> {
  let sample: Sample | undefined;
  const without = { count: 0, examples: [] as string[] };
  const leaveOut = ({ first }: Sample) => {
    without.count++;
    if (without.examples.length < MOST_EXAMPLES) without.examples.push(first);
  };
  for await (const member of tarMembers(reader, archive, warn)) {
    const [key, extension] = splitKey(member.name);
    if (key === '') continue;
    if (sample === undefined || sample.key !== key) {
      if (sample?.image) yield await entryOf(sample, sample.image, reader, archive);
      else if (sample) leaveOut(sample);
      sample = { key, first: displayName(member.name) };
    }
    const part = IMAGES.has(extension) ? 'image' : extension;
    if (part !== 'image' && part !== 'cls' && part !== 'json') continue;
    if (sample[part] !== undefined) {
      throw new Error(
        `tarShards: expected one ${part} for the key ${key} in ${archive}, found ${displayName(sample[part].name)} and ${displayName(member.name)}. Give each image its own key.`,
      );
    }
    sample[part] = member;
  }
  if (sample?.image) yield await entryOf(sample, sample.image, reader, archive);
  else if (sample) leaveOut(sample);
  if (without.count > 0) {
    warn?.(
      `${archive}: ${without.count} samples have no image (a key, then .jpg .jpeg .png .webp or .gif) and are left out, such as ${without.examples.join(', ')}.`,
    );
  }
}

/** Folder and name up to the first dot of the last part, and what follows that dot, as WebDataset cuts them. */
function splitKey(name: Buffer): [key: string, extension: string] {
  const text = displayName(name);
  const dot = text.indexOf('.', text.lastIndexOf('/') + 1);
  // macOS adds hidden `._name` twins to archives; they begin with the dot, so their key ends in a slash.
  if (dot === -1 || dot === text.lastIndexOf('/') + 1) return ['', ''];
  return [text.slice(0, dot), text.slice(dot + 1).toLowerCase()];
}

async function entryOf(
  { key, cls, json }: Sample,
  image: TarMember,
  reader: ByteReader,
  archive: string,
): Promise<ShardEntry> {
  const found: string[] = [];
  for (const member of [cls, json]) {
    if (member === undefined) continue;
    const name = displayName(member.name);
    if (member.size > MAX_LABEL_BYTES) {
      found.push(`${name} of ${member.size} bytes`);
      continue;
    }
    const text = (await reader.read(member.offset, member.size)).toString('utf8').trim();
    const label = member === cls ? text : jsonLabel(text);
    if (/^\d{1,9}$/.test(label) && Number(label) < MAX_CLASSES) {
      const { offset, size } = image;
      return { name: displayName(image.name), offset, size, label: Number(label) };
    }
    found.push(`${name} with ${JSON.stringify(label.slice(0, 40))}`);
  }
  throw new Error(
    `tarShards: expected a class number for ${key} in ${archive}, as ${key}.cls or as "label" in ${key}.json, found ${found.join(' and ') || 'neither'}. Write the number, from 0 on, beside each image.`,
  );
}

/** The label in a sample's JSON as text; what it holds instead when there is none. */
function jsonLabel(text: string): string {
  try {
    const content = JSON.parse(text) as { label?: unknown } | null;
    return JSON.stringify(content?.label) ?? 'no label';
  } catch {
    return text;
  }
}
