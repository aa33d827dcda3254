import { compile } from '@bag-of-tricks/graph';
const scalar = { shape: [], dtype: 'float32' };
/** Any number of images, as bytes, with their classes. Another batch size, such as the last of an evaluation, is traced once. */
function batchInputs(imageShape) {
    return {
        images: { shape: [null, ...imageShape], dtype: 'uint8' },
        labels: { shape: [null], dtype: 'int32' },
    };
}
/** Scores each batch by one call of a native graph. */
export async function compiledScorer({ evalStep, imageShape }, options = {}) {
    const step = await compile(evalStep, { inputs: batchInputs(imageShape), ...options });
    return {
        evaluate: ({ images, labels }) => step.run({ images, labels }),
        dispose: () => step.dispose(),
    };
}
/** Runs each step as one call of a native graph on another thread; training and evaluation share its variables. */
export async function compiledRunner({ trainStep, ...parts }) {
    const step = await compile(trainStep, {
        inputs: { ...batchInputs(parts.imageShape), learningRate: scalar, lambda: scalar },
    });
    const scorer = await compiledScorer(parts, { shareStateWith: step });
    return {
        ...scorer,
        train: ({ images, labels }, settings) => step.run({ images, labels, ...settings }),
        profile: ({ images, labels }, settings) => step.profile({ images, labels, ...settings }),
        sync: () => step.sync(),
        async dispose() {
            await scorer.dispose();
            await step.dispose();
        },
    };
}
//# sourceMappingURL=compiled-runner.js.map