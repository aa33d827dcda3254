export { type Field, fieldsOf, packedNumbers } from './native/protobuf.ts';
