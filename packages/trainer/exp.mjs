import * as tf from '@tensorflow/tfjs-core';
import { openBackend } from '@bag-of-tricks/trainer';
import { smoothLabels, softmaxCrossEntropy } from '@bag-of-tricks/label-smoothing';
for (const name of ['cpu','wasm']) {
  await openBackend({ name });
  const labels = tf.tensor1d([0,1,2,0],'int32');
  const logits = tf.tensor2d([[1,2,3],[0,1,0],[3,1,2],[0,0,5]]);
  const p=(l,t)=>console.log(name,l,t.dtype,t.shape,Array.from(t.dataSync()).map(x=>+x.toFixed(4)).join(' '));
  const oh=tf.oneHot(labels,3,1,0,'float32'); p('onehot',oh);
  p('onehot*2',tf.mul(oh,2));
  const sm=smoothLabels(oh,{epsilon:0.1}); p('smooth',sm);
  const ls=tf.logSoftmax(logits); p('ls',ls);
  const m=tf.mul(sm,ls); p('mul',m);
  const s=tf.sum(m,1); p('sum',s); 
  p('neg',tf.neg(s)); p('mean',tf.mean(tf.neg(s)));
  p('loss',softmaxCrossEntropy(sm,logits));
  const v=tf.variable(logits);
  const {value,grads}=tf.variableGrads(()=>softmaxCrossEntropy(sm,v)); p('vg',value);
  p('mean1',tf.mean(tf.tensor1d([1,2,3,4])));
  p('mean none',tf.mean(tf.tensor1d([1,2,3,4],'int32')));
  const x=tf.randomNormal([4,5,5,3],0,1,'float32',1);
  p('finite',tf.cast(tf.isFinite(tf.addN([tf.sum(x),tf.sum(x)])),'float32'));
  p('where',tf.where(tf.scalar(true),tf.scalar(3),tf.scalar(4)));
  p('and',tf.logicalAnd(tf.scalar(true),tf.scalar(true)));
}
