/** What a run records about the library that it runs on. */
export interface Backend {
    readonly version: string;
    /** Such as `CPU:0`. */
    readonly devices: readonly string[];
}
/** Make the native backend current; where the library is missing, pip fetches it, which `onProgress` shows. */
export declare function openBackend(onProgress: (message: string) => void): Promise<Backend>;
//# sourceMappingURL=backend.d.ts.map