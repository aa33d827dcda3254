import type { WeightsInput } from './weights.ts';

/** The names of timm's weights by how they saw images, as timm 1.0.31 has it; a tag stands where it differs from the network's default. Made by fixtures/generate_inputs.py. */
export const timmInputTable: readonly (readonly [
  input: Omit<WeightsInput, 'channels'>,
  names: string,
])[] = [
  [
    {
      imageSize: 224,
      cropPct: 0.95,
      interpolation: 'bicubic',
      mean: [123.675, 116.28, 103.53],
      std: [58.395, 57.12, 57.375],
    },
    'resnet18 resnet34 resnet50 resnet50d.a1_in1k resnet50d.a2_in1k resnet101 resnet152 resnext50_32x4d resnext101_64x4d seresnet50 ecaresnet50t.a1_in1k ecaresnet50t.a2_in1k seresnext101_32x8d',
  ],
  [
    {
      imageSize: 160,
      cropPct: 0.95,
      interpolation: 'bicubic',
      mean: [123.675, 116.28, 103.53],
      std: [58.395, 57.12, 57.375],
    },
    'resnet18.a3_in1k resnet34.a3_in1k resnet50.a3_in1k resnet50d.a3_in1k resnet101.a3_in1k resnet152.a3_in1k resnext50_32x4d.a3_in1k seresnet50.a3_in1k ecaresnet50t.a3_in1k',
  ],
  [
    {
      imageSize: 224,
      cropPct: 0.875,
      interpolation: 'bilinear',
      mean: [123.675, 116.28, 103.53],
      std: [58.395, 57.12, 57.375],
    },
    'resnet18.fb_ssl_yfcc100m_ft_in1k resnet18.fb_swsl_ig1b_ft_in1k resnet18.tv_in1k resnet34.tv_in1k resnet50.fb_ssl_yfcc100m_ft_in1k resnet50.fb_swsl_ig1b_ft_in1k resnet50.tv_in1k resnet101.tv_in1k resnet152.tv_in1k wide_resnet50_2.tv_in1k wide_resnet101_2 resnext50_32x4d.fb_ssl_yfcc100m_ft_in1k resnext50_32x4d.fb_swsl_ig1b_ft_in1k resnext50_32x4d.tv_in1k resnext101_32x4d resnext101_32x8d resnext101_64x4d.tv_in1k',
  ],
  [
    {
      imageSize: 224,
      cropPct: 0.875,
      interpolation: 'bicubic',
      mean: [123.675, 116.28, 103.53],
      std: [58.395, 57.12, 57.375],
    },
    'resnet18.gluon_in1k resnet18d resnet26 resnet26d resnet34.bt_in1k resnet34.gluon_in1k resnet34d resnet50.am_in1k resnet50.bt_in1k resnet50.gluon_in1k resnet50.ra_in1k resnet50.ram_in1k resnet50c resnet50d resnet101.gluon_in1k resnet101c resnet101d.gluon_in1k resnet152.gluon_in1k resnet152c resnet152d.gluon_in1k resnet200 resnet50t wide_resnet50_2 resnext50_32x4d.gluon_in1k resnext50_32x4d.ra_in1k resnext50d_32x4d resnext101_32x4d.gluon_in1k resnext101_64x4d.gluon_in1k seresnet18 seresnet34 seresnet50.ra2_in1k seresnet101 seresnet152 seresnet50t ecaresnet50d ecaresnet101d seresnext50_32x4d seresnext101_32x4d mobilenetv2_035 mobilenetv2_050 mobilenetv2_075 mobilenetv2_100 mobilenetv2_110d mobilenetv2_120d mobilenetv2_140 efficientnet_lite0',
  ],
  [
    {
      imageSize: 224,
      cropPct: 0.9,
      interpolation: 'bicubic',
      mean: [127.5, 127.5, 127.5],
      std: [127.5, 127.5, 127.5],
    },
    'resnet18d.ra4_e3600_r224_in1k resnet34.ra4_e3600_r224_in1k mobilenetv1_125',
  ],
  [
    {
      imageSize: 176,
      cropPct: 0.9,
      interpolation: 'bicubic',
      mean: [123.675, 116.28, 103.53],
      std: [58.395, 57.12, 57.375],
    },
    'resnet50.a1h_in1k',
  ],
  [
    {
      imageSize: 224,
      cropPct: 1.0,
      interpolation: 'bicubic',
      mean: [123.675, 116.28, 103.53],
      std: [58.395, 57.12, 57.375],
    },
    'resnet50.bamboo',
  ],
  [
    {
      imageSize: 176,
      cropPct: 0.875,
      interpolation: 'bilinear',
      mean: [123.675, 116.28, 103.53],
      std: [58.395, 57.12, 57.375],
    },
    'resnet50.tv2_in1k resnet101.tv2_in1k resnet152.tv2_in1k wide_resnet50_2.tv2_in1k wide_resnet101_2.tv2_in1k resnext50_32x4d.tv2_in1k resnext101_32x8d.tv2_in1k',
  ],
  [
    {
      imageSize: 224,
      cropPct: 0.95,
      interpolation: 'bicubic',
      mean: [127.5, 127.5, 127.5],
      std: [127.5, 127.5, 127.5],
    },
    'resnet50d.ra4_e3600_r224_in1k',
  ],
  [
    {
      imageSize: 256,
      cropPct: 0.95,
      interpolation: 'bicubic',
      mean: [123.675, 116.28, 103.53],
      std: [58.395, 57.12, 57.375],
    },
    'resnet101d resnet152d resnet200d seresnet152d ecaresnet200d',
  ],
  [
    {
      imageSize: 176,
      cropPct: 0.875,
      interpolation: 'bicubic',
      mean: [123.675, 116.28, 103.53],
      std: [58.395, 57.12, 57.375],
    },
    'resnet10t resnet14t',
  ],
  [
    {
      imageSize: 256,
      cropPct: 0.94,
      interpolation: 'bicubic',
      mean: [123.675, 116.28, 103.53],
      std: [58.395, 57.12, 57.375],
    },
    'resnet26t',
  ],
  [
    {
      imageSize: 256,
      cropPct: 0.875,
      interpolation: 'bicubic',
      mean: [123.675, 116.28, 103.53],
      std: [58.395, 57.12, 57.375],
    },
    'seresnet200d seresnet269d ecaresnet26t ecaresnet50t',
  ],
  [
    {
      imageSize: 320,
      cropPct: 0.95,
      interpolation: 'bicubic',
      mean: [123.675, 116.28, 103.53],
      std: [58.395, 57.12, 57.375],
    },
    'ecaresnet269d',
  ],
  [
    {
      imageSize: 224,
      cropPct: 0.875,
      interpolation: 'bicubic',
      mean: [127.5, 127.5, 127.5],
      std: [127.5, 127.5, 127.5],
    },
    'mobilenetv1_100 mobilenetv1_100h tf_efficientnet_lite0',
  ],
  [
    {
      imageSize: 240,
      cropPct: 0.882,
      interpolation: 'bicubic',
      mean: [123.675, 116.28, 103.53],
      std: [58.395, 57.12, 57.375],
    },
    'efficientnet_lite1',
  ],
  [
    {
      imageSize: 260,
      cropPct: 0.89,
      interpolation: 'bicubic',
      mean: [123.675, 116.28, 103.53],
      std: [58.395, 57.12, 57.375],
    },
    'efficientnet_lite2',
  ],
  [
    {
      imageSize: 300,
      cropPct: 0.904,
      interpolation: 'bicubic',
      mean: [123.675, 116.28, 103.53],
      std: [58.395, 57.12, 57.375],
    },
    'efficientnet_lite3',
  ],
  [
    {
      imageSize: 380,
      cropPct: 0.922,
      interpolation: 'bicubic',
      mean: [123.675, 116.28, 103.53],
      std: [58.395, 57.12, 57.375],
    },
    'efficientnet_lite4',
  ],
  [
    {
      imageSize: 240,
      cropPct: 0.882,
      interpolation: 'bicubic',
      mean: [127.5, 127.5, 127.5],
      std: [127.5, 127.5, 127.5],
    },
    'tf_efficientnet_lite1',
  ],
  [
    {
      imageSize: 260,
      cropPct: 0.89,
      interpolation: 'bicubic',
      mean: [127.5, 127.5, 127.5],
      std: [127.5, 127.5, 127.5],
    },
    'tf_efficientnet_lite2',
  ],
  [
    {
      imageSize: 300,
      cropPct: 0.904,
      interpolation: 'bilinear',
      mean: [127.5, 127.5, 127.5],
      std: [127.5, 127.5, 127.5],
    },
    'tf_efficientnet_lite3',
  ],
  [
    {
      imageSize: 380,
      cropPct: 0.92,
      interpolation: 'bilinear',
      mean: [127.5, 127.5, 127.5],
      std: [127.5, 127.5, 127.5],
    },
    'tf_efficientnet_lite4',
  ],
];
