/** Refuses an index that a source does not have: typed arrays would return `undefined`. */
export function checkIndex(index: number, size: number, name: string): void {
  if (!Number.isInteger(index) || index < 0 || index >= size) {
    throw new RangeError(`${name}: expected an index from 0 to ${size - 1}, got ${index}.`);
  }
}
