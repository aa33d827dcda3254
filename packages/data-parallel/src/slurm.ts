/**
 * The hosts of a list in Slurm's short form: `a,node[01-03,7]` is a, node01, node02, node03, node7.
 *
 * @throws Error - for a list of another form.
 */
export function expandHosts(list: string): string[] {
  const parts = list.match(/[^,[\]]+(?:\[[^\]]*\][^,[\]]*)?/g) ?? [];
  if (list === '' || parts.join(',') !== list) throw unreadable('hosts', list);
  return parts.flatMap((part) => {
    const [, before, ranges, after] = /^([^[]*)\[([\d,-]+)\](.*)$/.exec(part) ?? [];
    if (ranges === undefined && part.includes('[')) throw unreadable('hosts', list);
    if (ranges === undefined) return [part];
    return ranges.split(',').flatMap((range) => {
      const [first = '', last = first] = range.split('-');
      const count = Number(last) - Number(first) + 1;
      if (!/^\d+$/.test(first) || !(count >= 1 && count <= 65_536)) throw unreadable('hosts', list);
      return Array.from(
        { length: count },
        (_, i) => `${before}${String(Number(first) + i).padStart(first.length, '0')}${after}`,
      );
    });
  });
}

/**
 * How many tasks each node has, of Slurm's short form: `2(x3),1` is 2, 2, 2, 1.
 *
 * @throws Error - for a list of another form.
 */
export function expandTasks(list: string): number[] {
  return list.split(',').flatMap((part) => {
    const [, tasks, nodes = '1'] = /^(\d+)(?:\(x(\d+)\))?$/.exec(part) ?? [];
    if (tasks === undefined) throw unreadable('tasks a node', list);
    return Array<number>(Number(nodes)).fill(Number(tasks));
  });
}

const unreadable = (what: string, list: string) =>
  new Error(
    `Slurm: expected a list of ${what} such as node[01-03] or 2(x3), got ${JSON.stringify(list)}.`,
  );
