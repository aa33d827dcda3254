import { formatProgress, registerTensorFlowBackend } from '@bag-of-tricks/libtensorflow';
/** Make the native backend current; where the library is missing, pip fetches it, which `onProgress` shows. */
export async function openBackend(onProgress) {
    const { version, devices } = await registerTensorFlowBackend({
        install: true,
        onProgress: (progress) => onProgress(formatProgress(progress)),
    });
    return { version, devices: devices.map(({ name }) => name.replace(/^.*device:/, '')) };
}
//# sourceMappingURL=backend.js.map