import * as tf from '@tensorflow/tfjs-core';
import type { Computation, KernelCases } from './case.ts';
import { sample, special } from './sample.ts';

function unary(op: (x: tf.Tensor) => tf.Tensor): Record<string, Computation> {
  return {
    'a matrix': (d) => op(sample(d, [3, 4])),
    'a scalar': (d) => op(sample(d, [])),
    'an empty tensor': (d) => op(sample(d, [0, 3])),
    'the ends of the type': (d) => op(special(d)),
  };
}

export const unaryCases: KernelCases = {
  Abs: unary(tf.abs),
  Acos: unary(tf.acos),
  Acosh: unary(tf.acosh),
  Asin: unary(tf.asin),
  Asinh: unary(tf.asinh),
  Atan: unary(tf.atan),
  Atanh: unary(tf.atanh),
  Ceil: unary(tf.ceil),
  ClipByValue: {
    ...unary((x) => tf.clipByValue(x, -3, 5)),
    'bounds that are no whole numbers': (d) => tf.clipByValue(sample(d, [12]), -2.5, 6.5),
    'bounds above 2 ** 24': (d) => tf.clipByValue(sample(d, [12]), -16777218, 16777219),
    'no bounds': (d) => tf.clipByValue(sample(d, [12]), -Infinity, Infinity),
  },
  Cos: unary(tf.cos),
  Cosh: unary(tf.cosh),
  Elu: unary(tf.elu),
  Erf: unary(tf.erf),
  Exp: unary(tf.exp),
  Expm1: unary(tf.expm1),
  Floor: unary(tf.floor),
  Identity: unary(tf.clone),
  IsFinite: unary(tf.isFinite),
  IsInf: unary(tf.isInf),
  IsNan: unary(tf.isNaN),
  LeakyRelu: unary((x) => tf.leakyRelu(x, 0.3)),
  Log: unary(tf.log),
  Log1p: unary(tf.log1p),
  LogicalNot: unary(tf.logicalNot),
  Neg: unary(tf.neg),
  OnesLike: unary(tf.onesLike),
  Prelu: unary((x) => tf.prelu(x, tf.cast(tf.scalar(3, 'int32'), x.dtype))),
  Reciprocal: unary(tf.reciprocal),
  Relu: unary(tf.relu),
  Relu6: unary(tf.relu6),
  Round: unary(tf.round),
  Rsqrt: unary(tf.rsqrt),
  Selu: unary(tf.selu),
  Sigmoid: unary(tf.sigmoid),
  Sign: unary(tf.sign),
  Sin: unary(tf.sin),
  Sinh: unary(tf.sinh),
  Softplus: unary(tf.softplus),
  Sqrt: unary(tf.sqrt),
  Square: unary(tf.square),
  Step: { ...unary(tf.step), 'a slope': (d) => tf.step(sample(d, [12]), 2) },
  Tan: unary(tf.tan),
  Tanh: unary(tf.tanh),
  ZerosLike: unary(tf.zerosLike),
};
