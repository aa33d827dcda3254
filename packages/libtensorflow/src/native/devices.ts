import type { TensorFlowApi } from './api.ts';
import type { Pointer } from './prototype.ts';
import type { Status } from './status.ts';

/** A device that TensorFlow can run ops on. */
export interface Device {
  /** Such as `/job:localhost/replica:0/task:0/device:CPU:0`. */
  readonly name: string;
  /** Such as `CPU` or `GPU`. */
  readonly type: string;
  readonly memoryBytes: number;
}

/** The devices of an eager context. */
export function listDevices(api: TensorFlowApi, context: Pointer, status: Status): Device[] {
  const list = api.TFE_ContextListDevices(context, status.pointer);
  status.check('TFE_ContextListDevices');
  const describe = (_: unknown, index: number): Device => ({
    name: api.TF_DeviceListName(list, index, status.pointer),
    type: api.TF_DeviceListType(list, index, status.pointer),
    memoryBytes: api.TF_DeviceListMemoryBytes(list, index, status.pointer),
  });
  const devices = Array.from({ length: api.TF_DeviceListCount(list) }, describe);
  api.TF_DeleteDeviceList(list);
  return devices;
}
