/**
 * Write a folder of files so that it is there whole or not at all: into a temporary name beside it, fsynced, then renamed.
 * A folder that is already there is left as it is.
 */
export declare function writeFolderAtomically(target: string, files: Readonly<Record<string, string | Uint8Array>>): Promise<void>;
/** Let the link `name` point to its sibling `target`; at every moment it points to the old one or the new one. */
export declare function pointLink(folder: string, name: string, target: string): Promise<void>;
/** Delete the checkpoint folders that no link names, and what a killed process left half-written. */
export declare function pruneUnlinked(folder: string, links: readonly string[]): Promise<void>;
/** A file's content, with an error that says whose part it is when it cannot be read. */
export declare function readPart(folder: string, name: string): Promise<Uint8Array>;
//# sourceMappingURL=files.d.ts.map