import { expect, test } from 'vitest';
import { withoutAllocation, withoutFallback, withoutInformation } from './held-log.ts';

test('information and the note about it are dropped, all else stays as it is', () => {
  const log = [
    'WARNING: All log messages before absl::InitializeLog() is called are written to STDERR\n',
    'I0000 00:00:1795570395.187966    8082 port.cc:153] oneDNN custom operations are on.\n',
    'W0000 00:00:1795570395.187966    8082 port.cc:153] a warning\n',
    'E0000 00:00:1795570395.187966    8082 port.cc:153] an error\n',
    'Information of another program',
  ].join('');
  expect(withoutInformation(log)).toBe(log.slice(log.indexOf('W0000')));
});

test('that oneDNN lacks a type is dropped, all else stays as it is', () => {
  const rest = 'E0000 00:00:1795900729.59   10190 cuda.cc:1] no device\nnot a log line';
  const log = [
    'E0000 00:00:1795900729.597077   10190 util.cc:131] oneDNN supports DT_BFLOAT16 only on platforms with AVX-512. Falling back to the default Eigen-based implementation if present.\n',
    'W0000 00:00:1795900716.462930   10168 op_kernel.cc:1858] OP_REQUIRES failed at mkl_conv_ops.cc:1115 : ABORTED: Operation received an exception\n',
    rest,
  ].join('');
  expect(withoutFallback(log)).toBe(rest);
});

test('that an allocation is large is dropped, all else stays as it is', () => {
  const rest =
    'W0000 00:00:1795945690.43    5514 cpu_allocator_impl.cc:90] another warning\nAllocation of 5';
  const log = [
    'WARNING: All log messages before absl::InitializeLog() is called are written to STDERR\n',
    'W0000 00:00:1795945690.433020    5514 cpu_allocator_impl.cc:82] Allocation of 1579781376 exceeds 10% of free system memory.\n',
    rest,
  ].join('');
  expect(withoutAllocation(log)).toBe(rest);
});
