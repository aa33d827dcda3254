import { fieldsOf, messagesOf, packedNumbers } from '@bag-of-tricks/libtensorflow/protobuf';

/** The first value of a feature: bytes, a whole number, or nothing (an empty list, or floats). */
export type FeatureValue = Uint8Array | number | undefined;

/**
 * The features of a serialized `tf.Example`, by name:
 * `Example { features = 1 { map feature = 1 { key = 1, value = 2 { bytes_list = 1 | float_list = 2 | int64_list = 3 } } } }`.
 *
 * @throws Error when the bytes are no such message.
 */
export function parseExample(bytes: Uint8Array): Map<string, FeatureValue> {
  const features = new Map<string, FeatureValue>();
  for (const message of messagesOf(bytes, 1)) {
    for (const entry of messagesOf(message, 1)) {
      let key = '';
      let value: FeatureValue;
      for (const field of fieldsOf(entry)) {
        if (!(field.value instanceof Uint8Array)) continue;
        if (field.number === 1) key = Buffer.from(field.value).toString();
        if (field.number === 2) value = firstValue(field.value);
      }
      features.set(key, value);
    }
  }
  return features;
}

function firstValue(feature: Uint8Array): FeatureValue {
  for (const list of fieldsOf(feature)) {
    if (!(list.value instanceof Uint8Array) || list.number === 2) continue;
    for (const { number, value } of fieldsOf(list.value)) {
      if (number !== 1) continue;
      // A list of numbers is packed into bytes; old writers give them one by one.
      const isPacked = list.number === 3 && value instanceof Uint8Array;
      return isPacked ? packedNumbers(value)[0] : value;
    }
  }
  return undefined;
}
