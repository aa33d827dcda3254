export { type Field, fieldsOf, messagesOf, packedNumbers } from './native/protobuf.ts';
