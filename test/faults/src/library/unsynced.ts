import type { Operation } from './control.ts';

const rowFile = /^(summary\.csv|metrics\.jsonl|bad-images\.jsonl)$/;

/**
 * What a power cut could take from a checkpoint that has its name: rows and files not synced since they were last written, before the
 * checkpoint is renamed; its folder likewise; and the name itself, whose folder has to be synced before the next renaming or link there.
 */
export function unsynced(operations: readonly Operation[]): string[] {
  return operations.flatMap(({ name, path }, at) => {
    if (name !== 'rename' || !/^checkpoints\/epoch-/.test(path)) return [];
    const before = operations.slice(0, at);
    const start = before.findLastIndex(
      (one) =>
        one.name === 'mkdir' &&
        one.path.startsWith(`checkpoints/.tmp-${path.slice('checkpoints/'.length)}`),
    );
    const folder = before[start]!.path;
    const written = before.flatMap((one, i) =>
      one.name === 'write' && (i > start || rowFile.test(one.path)) ? [one.path] : [],
    );
    const last = (wanted: string, part: string) =>
      before.findLastIndex((one) => one.name === wanted && one.path === part);
    const parts = [folder, ...new Set(written)].filter(
      (part) => last('fsync', part) <= Math.max(last('write', part), last('mkdir', part)),
    );
    const next = operations
      .slice(at + 1)
      .find(
        (one) =>
          (one.name === 'fsync' && one.path === 'checkpoints') ||
          (/^(rename|symlink)$/.test(one.name) && one.path.startsWith('checkpoints/')),
      );
    return [...parts, ...(next?.name === 'fsync' ? [] : [path])];
  });
}
