import type { Wheel } from '@bag-of-tricks/test-platforms/fetch-wheel';

/** TensorFlow built for CUDA; the wheel's name has the Python, and its libraries need none. */
export const WHEEL: Wheel = {
  ...{ target: 'linux-x64', flavour: 'gpu', python: '3.11', tag: 'manylinux_2_27_x86_64' },
};

export const LIBRARIES = ['framework', 'cc'].map((name) => `tensorflow/libtensorflow_${name}.so.2`);
