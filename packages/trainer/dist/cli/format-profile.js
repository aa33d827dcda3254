/** A table of the ops that took most of a step's thread time, and a line for the rest. */
export function formatProfile({ milliseconds, ops }, rows = 20) {
    const total = ops.reduce((sum, op) => sum + op.milliseconds, 0);
    const rest = ops.slice(rows);
    const restRow = {
        op: `${rest.length} other types`,
        count: rest.reduce((sum, op) => sum + op.count, 0),
        milliseconds: rest.reduce((sum, op) => sum + op.milliseconds, 0),
    };
    const shown = rest.length > 0 ? [...ops.slice(0, rows), restRow] : ops;
    const width = Math.max(...shown.map(({ op }) => op.length));
    const line = (name, count, time, share) => `${name.padEnd(width)}  ${count.padStart(6)}  ${time.padStart(9)}  ${share.padStart(6)}`;
    return [
        `One training step: ${milliseconds.toFixed(1)} ms; thread time by type of op:`,
        line('op', 'count', 'ms', 'share'),
        ...shown.map((row) => line(row.op, String(row.count), row.milliseconds.toFixed(2), `${((100 * row.milliseconds) / total).toFixed(1)} %`)),
    ];
}
//# sourceMappingURL=format-profile.js.map