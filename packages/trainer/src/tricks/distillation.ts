import { resolve } from 'node:path';
import { distillationLoss } from '@bag-of-tricks/distill';
import { defineTrick } from '@bag-of-tricks/train-step';
import { z } from 'zod';

/** The student also learns the softened outputs of a teacher, which sees the same (mixed) images (section 5.3). */
export const distillation = defineTrick({
  name: 'distillation',
  description: "learn a teacher's softened outputs too (section 5.3)",
  settings: {
    teacher: z.string().min(1).describe('checkpoint or run folder of the teacher'),
    temperature: z
      .number()
      .min(1e-3)
      .max(1000)
      .default(20)
      .describe('divides the logits of teacher and student before the softmax'),
    form: z
      .enum(['paper', 'convex'])
      .default('paper')
      .describe("the paper's sum or gluon-cv's mix"),
    hardWeight: z
      .number()
      .min(0)
      .max(1)
      .default(0.5)
      .describe('weight of the label term in the convex form'),
  },
  flags: [
    ['--teacher <checkpoint>', 'teacher'],
    ['--temperature <t>', 'temperature'],
    ['--distill-form <name>', 'form'],
    ['--hard-weight <w>', 'hardWeight'],
    ['--no-teacher', null, 'train without a teacher'],
  ],
  resolve: (settings) => ({ ...settings, teacher: resolve(settings.teacher) }),
  async build({ teacher: path, temperature, form, hardWeight }, run) {
    const teacher = await run.loadNetwork(path);
    const options = form === 'paper' ? { temperature, form } : { temperature, form, hardWeight };
    return {
      needsImages: true,
      loss: (inner) => (example, at) => {
        const student = inner(example, at);
        const teacherLogits = teacher.apply(example.images, { training: false });
        return () => {
          const { logits } = student();
          const { loss } = distillationLoss(example.targets, logits, teacherLogits, options);
          return { logits, loss };
        };
      },
      dispose: () => teacher.dispose(),
    };
  },
});
