/** A flag that takes a value: its type, choices and description are those of the setting at `path`. */
interface ValueFlag {
    readonly flags: string;
    readonly path: string;
}
/** A flag without a value, which sets `path` to `value`. */
interface SwitchFlag extends ValueFlag {
    readonly value: unknown;
    readonly description: string;
}
export type Flag = ValueFlag | SwitchFlag;
/**
 * Every flag of `train` that stands for a setting, by the heading it has in the help. Names are timm's where the meaning is the
 * same. `--no-bias-decay` is the name of a trick (decay no biases), so `--bias-decay` is what switches it off.
 */
export declare const flagTable: Readonly<Record<string, readonly Flag[]>>;
export {};
//# sourceMappingURL=flag-table.d.ts.map