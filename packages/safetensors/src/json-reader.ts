/**
 * Reads JSON piece by piece, so that a header is checked while it is read: JSON.parse would hide duplicate keys, and build
 * whatever a hostile file describes before anyone could refuse it.
 */
export class JsonReader {
  private position = 0;
  private readonly text: string;
  private readonly source: string;

  /** `source` opens every error message. */
  constructor(text: string, source: string) {
    this.text = text;
    this.source = source;
  }

  fail(problem: string): never {
    throw new Error(
      `${this.source}: ${problem} (character ${this.position} of the header). The file is damaged, or no safetensors file.`,
    );
  }

  /** The next character that is no white space, without taking it; '' at the end. */
  peek(): string {
    while (
      ' \t\n\r'.includes(this.text.charAt(this.position)) &&
      this.position < this.text.length
    ) {
      this.position += 1;
    }
    return this.text.charAt(this.position);
  }

  take(expected: string): void {
    const found = this.peek();
    if (found !== expected) this.fail(`expected '${expected}', got '${found}'`);
    this.position += 1;
  }

  /** Takes `text` if it is next. */
  takeIf(text: string): boolean {
    this.peek();
    const found = this.text.startsWith(text, this.position);
    if (found) this.position += text.length;
    return found;
  }

  /** Calls `onKey` at the value of each key, which it must take. */
  object(what: string, onKey: (key: string) => void): void {
    const keys = new Set<string>();
    this.take('{');
    if (this.takeIf('}')) return;
    do {
      const key = this.string();
      if (keys.has(key)) this.fail(`${what} has the key ${JSON.stringify(key.slice(0, 80))} twice`);
      keys.add(key);
      this.take(':');
      onKey(key);
    } while (this.takeIf(','));
    this.take('}');
  }

  string(): string {
    this.take('"');
    let end = this.position;
    while (end < this.text.length && this.text[end] !== '"') end += this.text[end] === '\\' ? 2 : 1;
    if (end >= this.text.length) this.fail('a string does not end');
    const literal = this.text.slice(this.position - 1, end + 1);
    let value: string;
    try {
      value = JSON.parse(literal);
    } catch {
      this.fail('a string holds a raw control character or a malformed escape');
    }
    if (/\p{Surrogate}/u.test(value)) this.fail('a string holds half a surrogate pair');
    this.position = end + 1;
    return value;
  }

  /** An array of integers from 0 to 2 ** 53 - 1, in plain digits. */
  naturals(): number[] {
    const values: number[] = [];
    this.take('[');
    if (this.takeIf(']')) return values;
    do values.push(this.natural());
    while (this.takeIf(','));
    this.take(']');
    return values;
  }

  end(): void {
    if (this.peek() !== '') this.fail('expected nothing after the closing brace');
  }

  private natural(): number {
    const first = this.peek();
    let end = this.position;
    while (end < this.text.length && isDigit(this.text.charCodeAt(end))) end += 1;
    const digits = this.text.slice(this.position, end);
    if (digits === '') this.fail(`expected an integer >= 0, got '${first}'`);
    if (digits.length > 1 && first === '0') this.fail('an integer starts with 0');
    const value = Number(digits);
    if (!Number.isSafeInteger(value)) this.fail(`the integer ${digits.slice(0, 30)} is too large`);
    this.position = end;
    return value;
  }
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}
