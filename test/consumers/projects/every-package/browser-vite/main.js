import { noBiasDecay as decayGroups } from '@bag-of-tricks/adamw';
import { allFinite } from '@bag-of-tricks/amp';
import { BadImageError, loadClassifier } from '@bag-of-tricks/classifier';
import { softTargets } from '@bag-of-tricks/distill';
import { emaDecay } from '@bag-of-tricks/ema';
import { accumulateGradients } from '@bag-of-tricks/gradient-accumulation';
import { globalNorm } from '@bag-of-tricks/gradient-clipping';
import { smoothLabels } from '@bag-of-tricks/label-smoothing';
import { cosineDecay } from '@bag-of-tricks/lr-schedules';
import { setLearningRate } from '@bag-of-tricks/lr-schedules/tfjs';
import { mixup } from '@bag-of-tricks/mixup';
import { noBiasDecay } from '@bag-of-tricks/nesterov-sgd';
import { progressiveSize } from '@bag-of-tricks/progressive-resizing';
import { resnet20d } from '@bag-of-tricks/resnet-variants';
import { serializeSafetensors } from '@bag-of-tricks/safetensors';
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';

export async function run() {
  await tf.setBackend('cpu');
  const optimizer = tf.train.sgd(1);
  setLearningRate(optimizer, cosineDecay({ peak: 0.4, steps: 100 })(50));
  const labels = smoothLabels(tf.tensor1d([1, 0], 'int32'), { numClasses: 2 });
  const mixed = mixup(tf.ones([2, 32, 32, 3]), labels, { lambda: 0.5 });
  const model = resnet20d({ numClasses: 2 });
  const logits = model.apply(mixed.inputs, { training: false });
  const targets = softTargets(logits, { temperature: 2 });
  const { gradients } = accumulateGradients({ logits }, { steps: 2 }, (part) => ({
    loss: tf.mean(part.logits),
    gradients: part,
  }));
  const refused = await loadClassifier('', { batchSize: 0 }).catch((error) => error.message);
  return {
    classifier: [refused, new BadImageError('x').name],
    norms: (await globalNorm(gradients).data()).length,
    decay: emaDecay(1),
    decayed: decayGroups(model.parameters).length,
    size: progressiveSize(0, { from: 16, to: 32, epochs: 2 }),
    shape: targets.shape,
    finite: (await allFinite({ logits }).data())[0],
    groups: noBiasDecay(model.parameters).length,
    bytes: serializeSafetensors([]).length,
  };
}
