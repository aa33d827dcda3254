import type { Binding } from '@bag-of-tricks/libtensorflow/native';
/** Casts the tensor of an id; the result is the caller's to delete. */
export declare function cast(binding: Binding, id: number, from: number, to: number): number;
//# sourceMappingURL=cast.d.ts.map