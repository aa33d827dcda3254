import { imageFolder } from '@bag-of-tricks/image-data';

/** How many images there are to load. */
export interface FolderCount {
  readonly images: number;
}

/** Counts the images of a folder. */
export async function countImages({ folder }: { readonly folder: string }): Promise<FolderCount> {
  const source = await imageFolder(folder);
  await source.close();
  return { images: source.size };
}
