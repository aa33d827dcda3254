// node read-library.js <folder> <output>: opens the TensorFlow in the folder and writes all kernels and ops that it has registered, as it serialises them.
// In a process of its own: a process holds one TensorFlow.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openTensorFlow, type Pointer, Status } from '@bag-of-tricks/libtensorflow/native';
import koffi from 'koffi';

const [folder = '', output = ''] = process.argv.slice(2);
const [corePath, frameworkPath] = ['cc', 'framework'].map((name) =>
  join(folder, `libtensorflow_${name}.so.2`),
) as [string, string];
const { api, version } = openTensorFlow({ corePath, frameworkPath, preload: [] });
const library = koffi.load(corePath);
const status = new Status(api);
// Not among the functions of libtensorflow: only this command needs them.
const kernels = library.func('TF_Buffer *TF_GetAllRegisteredKernels(TF_Status *)');
const ops = library.func('TF_Buffer *TF_GetAllOpList()');

function write(name: string, buffer: Pointer): void {
  // struct TF_Buffer { const void* data; size_t length; ... }
  const words = new BigUint64Array(2);
  api.memcpy(words, buffer, words.byteLength);
  const bytes = new Uint8Array(Number(words[1]));
  api.memcpy(bytes, words[0]!, bytes.byteLength);
  api.TF_DeleteBuffer(buffer);
  writeFileSync(join(output, name), bytes);
}

write('kernels.pb', kernels(status.pointer) as Pointer);
status.check('TF_GetAllRegisteredKernels');
write('ops.pb', ops() as Pointer);
writeFileSync(join(output, 'version'), version);
