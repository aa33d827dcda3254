import type { InferenceDescription } from '@bag-of-tricks/classifier';
import { create } from '@bufbuild/protobuf';
import { DataType, type SignatureDef, SignatureDefSchema } from '../proto/tensorflow.generated.ts';
import { shapeProto } from './nodes.ts';

/** The name of a tensor with its shape, -1 for any size. */
export const tensorInfo = (name: string, dtype: DataType, shape: readonly number[]) => ({
  ...{ name: `${name}:0`, dtype },
  tensorShape: shapeProto(shape),
});

/** `images` [batch, size, size, channels] to `probabilities` [batch, classes]. */
export function signatureOf({
  imageSize,
  channels,
  classNames,
}: InferenceDescription): SignatureDef {
  const float = DataType.DT_FLOAT;
  return create(SignatureDefSchema, {
    inputs: { images: tensorInfo('images', float, [-1, imageSize, imageSize, channels]) },
    outputs: { probabilities: tensorInfo('probabilities', float, [-1, classNames.length]) },
    methodName: 'tensorflow/serving/predict',
  });
}
