import type { DataFormat, InputTraits } from '../../formats/format.ts';
import { cifarImages } from './cifar-images.ts';

/** CIFAR with so many classes; both sets have files that look alike. */
export const cifarFormat = (classCount: 10 | 100, pixels: Pick<InputTraits, 'mean' | 'std'>) =>
  ({
    files: true,
    classMap: false,
    traits: () => ({ imageSize: 32, channels: 3, crop: 'pad', ...pixels }),
    async open({ split, dataDir, signal }) {
      const source = await cifarImages(dataDir!, { split, ...(signal && { signal }) });
      const found = source.classNames.length;
      if (found === classCount) return source;
      await source.close();
      throw new Error(
        `dataset cifar${classCount}: expected its files in ${source.name}, got those of cifar${found}. Give --dataset cifar${found}`,
      );
    },
  }) as const satisfies DataFormat;
