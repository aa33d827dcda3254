import * as tf from '@tensorflow/tfjs-core';
import { pathOf, scheme } from './file-url.ts';
import { loadModel, saveModel } from './model-files.ts';

type Router = (url: string | string[], options?: tf.io.LoadOptions) => tf.io.IOHandler;

/** Routes `file://` to `handlerOf`, unless another package does too, such as tfjs-node: tfjs refuses two. */
function router(
  handlerOf: (path: string) => tf.io.IOHandler,
  others: (url: string) => tf.io.IOHandler[],
): Router {
  let asking = false;
  const route = (url: string | string[]): tf.io.IOHandler | null => {
    if (asking || typeof url !== 'string' || !url.startsWith(scheme)) return null;
    asking = true;
    try {
      if (others(url).length > 0) return null;
    } finally {
      asking = false;
    }
    return handlerOf(pathOf(url));
  };
  // tfjs wants null of a router that is not meant, which its type does not say.
  return route as Router;
}

/** Lets `model.save('file://...')`, `tf.loadLayersModel` and `tf.loadGraphModel` use files, as with tfjs-node. Call it once. */
export function registerFileHandlers(): void {
  tf.io.registerSaveRouter(
    router(
      (path) => ({ save: (artifacts) => saveModel(path, artifacts) }),
      (url) => tf.io.getSaveHandlers(url),
    ),
  );
  tf.io.registerLoadRouter(
    router(
      (path) => ({ load: () => loadModel(path) }),
      (url) => tf.io.getLoadHandlers(url),
    ),
  );
}
