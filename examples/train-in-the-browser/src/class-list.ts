import type { Picture } from '@bag-of-tricks/classifier';
import { takeFiles } from '../../shared/src/take-files.ts';

/** A class with what the network sees in each of its pictures. */
export interface TaughtClass {
  readonly name: string;
  readonly features: readonly Float32Array[];
}

export interface ClassListOptions {
  /** What the network sees in a picture; the name is for messages. Null where it cannot be read, which is told already. */
  readonly featuresOf: (picture: Picture, name: string) => Promise<Float32Array | null>;
  readonly tell: (text: string) => void;
  readonly video: HTMLVideoElement;
}

const thumbnailSize = 96;
/** Of a class; the features of all are kept, a few pictures are enough to see. */
const maxThumbnails = 18;

/** The frames of the classes, in which they are named and get pictures. */
export function openClassList(
  container: HTMLElement,
  { featuresOf, tell, video }: ClassListOptions,
) {
  const template = document.querySelector('template')!;
  let classes: { readonly frame: HTMLElement; readonly taught: () => TaughtClass }[] = [];

  const add = (name = `Class ${classes.length + 1}`, known: readonly Float32Array[] = []) => {
    const frame = (template.content.cloneNode(true) as DocumentFragment)
      .firstElementChild as HTMLElement;
    const find = <Found extends Element>(selector: string) => frame.querySelector<Found>(selector)!;
    const nameInput = find<HTMLInputElement>('.name');
    const thumbnails = find<HTMLElement>('.thumbnails');
    const features = [...known];
    const count = () => {
      const shown = features.length === 1 ? '1 picture' : `${features.length || 'no'} pictures`;
      find('.count').textContent = shown;
    };
    const learn = async (picture: File | HTMLVideoElement, name: string) => {
      const seen = await featuresOf(picture, name);
      if (!seen) return 0;
      features.push(seen);
      thumbnails.append(await thumbnailOf(picture));
      if (thumbnails.childElementCount > maxThumbnails) thumbnails.firstElementChild!.remove();
      count();
      return 1;
    };
    nameInput.value = name;
    count();
    takeFiles(frame, async (files) => {
      let added = 0;
      for (const [i, file] of files.entries()) {
        tell(`Looking at ${file.name}, ${i + 1} of ${files.length}`);
        added += await learn(file, file.name);
      }
      if (added === files.length) tell(`${added} added to ${nameInput.value}`);
    });
    find<HTMLButtonElement>('.take').onclick = () => learn(video, 'The picture of the camera');
    find<HTMLButtonElement>('.remove').onclick = () => {
      classes = classes.filter((one) => one.frame !== frame);
      frame.remove();
    };
    container.append(frame);
    classes.push({ frame, taught: () => ({ name: nameInput.value.trim() || name, features }) });
  };

  const replace = (others: readonly TaughtClass[]) => {
    classes = [];
    container.replaceChildren();
    for (const { name, features } of others) add(name, features);
  };
  const empty = () => replace([1, 2].map((i) => ({ name: `Class ${i}`, features: [] })));
  empty();
  return {
    add: () => add(),
    taught: (): readonly TaughtClass[] => classes.map(({ taught }) => taught()),
    /** Takes others in the place of those that are there. */
    replace,
    /** Two without pictures. */
    empty,
  };
}

async function thumbnailOf(picture: File | HTMLVideoElement): Promise<HTMLCanvasElement> {
  const bitmap = await createImageBitmap(picture);
  const side = Math.min(bitmap.width, bitmap.height);
  const canvas = Object.assign(document.createElement('canvas'), {
    ...{ width: thumbnailSize, height: thumbnailSize },
  });
  canvas
    .getContext('2d')!
    .drawImage(
      ...([bitmap, (bitmap.width - side) / 2, (bitmap.height - side) / 2, side, side] as const),
      ...([0, 0, thumbnailSize, thumbnailSize] as const),
    );
  bitmap.close();
  return canvas;
}
