/** One object that passes each call on to all of `hooks`, in order. */
export function combineHooks(hooks) {
    const each = (name) => (log) => {
        for (const hook of hooks)
            hook[name]?.call(hook, log);
    };
    return {
        onTrainBegin: each('onTrainBegin'),
        onBatchEnd: each('onBatchEnd'),
        onEvaluateBatchEnd: each('onEvaluateBatchEnd'),
        onEpochEnd: each('onEpochEnd'),
        onTrainEnd: each('onTrainEnd'),
    };
}
//# sourceMappingURL=hooks.js.map