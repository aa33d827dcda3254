// What the doctor says, whatever it may do.
import { diagnose, formatDiagnosis } from '@bag-of-tricks/libtensorflow';

console.log(formatDiagnosis(await diagnose()));
