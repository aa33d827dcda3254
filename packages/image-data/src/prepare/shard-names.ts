/** `00003-of-00640.tar`: the total tells a reader whether shards are missing. */
export function shardName(number: number, total: number): string {
  const digits = (value: number) => String(value).padStart(5, '0');
  return `${digits(number)}-of-${digits(total)}.tar`;
}

/** A number, which makes it unique, and what is left of the file's name, which helps to find the image. */
export function keyOf(number: number, description: string): string {
  const name = description.slice(description.lastIndexOf('/') + 1).replace(/\.[^.]*$/, '');
  const readable = name.replace(/[^A-Za-z0-9_-]+/g, '_').slice(-60);
  return `${String(number).padStart(8, '0')}-${readable}`;
}
