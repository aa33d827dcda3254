/**
 * Derive one 32-bit seed from several numbers (run seed, epoch, purpose, index), so that every random draw
 * depends only on where it stands in the run: a resumed run draws what an uninterrupted one would.
 * Each part goes through murmur3's finaliser, which maps neighbouring numbers far apart.
 */
export declare function deriveSeed(...parts: readonly number[]): number;
/** What a draw is for: the third part of its seed. */
export declare const purpose: {
    readonly shuffle: 1;
    readonly augment: 2;
    readonly mixup: 3;
    readonly synthetic: 4;
};
//# sourceMappingURL=seed.d.ts.map