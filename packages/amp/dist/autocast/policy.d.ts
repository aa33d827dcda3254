/** How `autocast` runs one of TensorFlow's ops. */
export interface Rule {
    /**
     * `low`: always in low precision. `follow`: in low precision where the input `leader` is, or, without a leader, where
     * all operands are; mixed operands are promoted to float32.
     */
    readonly runs: 'low' | 'follow';
    /** The inputs that share the op's type T, by position; others, such as shapes and scales, keep their own. */
    readonly operands: 'all' | 'all but the last' | readonly number[];
    readonly leader?: number;
    /** Where `master` is true the result is cast to float32 at once. */
    readonly master?: true;
    readonly why: string;
}
/**
 * What `autocast` does with each op of TensorFlow that tfjs's kernels run.
 *
 * An op that is not listed runs in float32, its low-precision inputs cast up for it alone. That is on purpose for
 *
 * - Softmax, LogSoftmax, SoftmaxCrossEntropyWithLogits, Log, Exp, Pow, Square, Sqrt, RealDiv: they leave float16's range
 *   or lose its few digits (exp(12) is Infinity in float16), and are small in a classifier;
 * - Sum, Mean, Prod, Max, cumulative sums: a sum in 8 or 11 bits of mantissa stops growing after some hundreds or thousands of terms. So
 *   does the global average pool's Mean over height and width: its input is the smallest activation of the network, and
 *   its output the only thing that the classifier sees;
 * - whatever touches master weights, the optimiser's state or running statistics: those are float32, and an operand of
 *   float32 promotes the ops below;
 * - whatever nobody looked at: slow is better than wrong.
 */
export declare const policy: Readonly<Record<string, Rule>>;
//# sourceMappingURL=policy.d.ts.map