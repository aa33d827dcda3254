// Draws the charts of a report in the browser. The page defines `charts` and uPlot before it.
/* global charts, uPlot */
const dark = matchMedia('(prefers-color-scheme: dark)');
const color = (name) =>
  getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
const height = 280;
const palette = ['blue', 'green', 'orange', 'purple'];
const shown = (_, value) => (value == null ? '' : String(Number(value.toPrecision(4))));

const lineOf = ({ label, look }, i) => {
  const name = look === 'line' ? 'blue' : palette[i % palette.length];
  const looks = {
    line: { width: 2, points: { show: false } },
    points: { width: 2, points: { show: true, size: 6, fill: () => color('page') } },
    pale: { stroke: () => color('pale'), width: 1, points: { show: false } },
    edge: { stroke: () => color('band'), width: 0, points: { show: false } },
  };
  return { label, spanGaps: true, value: shown, stroke: () => color(name), ...looks[look] };
};

const axis = (options) => ({
  stroke: () => color('quiet'),
  grid: { stroke: () => color('line'), width: 1 },
  ticks: { stroke: () => color('line'), width: 1 },
  ...options,
});

/** A dashed line at the marked epoch, with its label at the side that has room. */
const drawMark = (mark) => (plot) => {
  const { ctx, bbox } = plot;
  const x = Math.round(plot.valToPos(mark, 'x', true));
  const isRight = x > bbox.left + bbox.width / 2;
  ctx.save();
  ctx.strokeStyle = ctx.fillStyle = color('quiet');
  ctx.setLineDash([4 * devicePixelRatio, 4 * devicePixelRatio]);
  ctx.beginPath();
  ctx.moveTo(x, bbox.top);
  ctx.lineTo(x, bbox.top + bbox.height);
  ctx.stroke();
  ctx.font = `${12 * devicePixelRatio}px system-ui, sans-serif`;
  ctx.textAlign = isRight ? 'right' : 'left';
  const beside = (isRight ? -6 : 6) * devicePixelRatio;
  ctx.fillText(`best: epoch ${mark}`, x + beside, bbox.top + bbox.height - 8 * devicePixelRatio);
  ctx.restore();
};

function drawChart({ title, unit, x, lines, mark, log }) {
  const figure = document.createElement('figure');
  const caption = figure.appendChild(document.createElement('figcaption'));
  caption.textContent = title;
  document.getElementById('charts').append(figure);
  const hasBand = lines[0].look === 'edge';
  const plot = new uPlot(
    {
      width: figure.clientWidth,
      height,
      scales: {
        x: { time: false, ...(x.length === 1 && { range: [x[0], x[0] + 1] }) },
        y: log ? { distr: 3, log } : {},
      },
      series: [{ label: unit, value: shown }, ...lines.map(lineOf)],
      bands: hasBand ? [{ series: [1, 2], fill: () => color('band') }] : [],
      axes: [
        axis({
          label: unit,
          labelSize: 22,
          incrs: [1, 2, 5]
            .flatMap((n) => [0, 1, 2, 3, 4, 5, 6].map((e) => n * 10 ** e))
            .sort((a, b) => a - b),
        }),
        axis({ size: 64 }),
      ],
      hooks: { draw: mark === undefined ? [] : [drawMark(mark)] },
    },
    [x, ...lines.map(({ values }) => values)],
    figure,
  );
  return { figure, plot };
}

const drawn = charts.map(drawChart);
dark.addEventListener('change', () => {
  for (const { plot } of drawn) plot.redraw();
});
addEventListener('resize', () => {
  for (const { figure, plot } of drawn) plot.setSize({ width: figure.clientWidth, height });
});
