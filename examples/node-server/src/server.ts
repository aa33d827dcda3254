import {
  createServer,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  type Server,
  STATUS_CODES,
} from 'node:http';
import type { Duplex } from 'node:stream';
import { BadImageError, type Classifier } from '@bag-of-tricks/classifier';
import { type BatchOptions, openBatches } from './batches.ts';

export interface ServerOptions extends BatchOptions {
  /** Most bytes of an upload. */
  readonly maxBytes: number;
  /** Most pictures that are under way at once, in memory: being sent, waiting or in the network. */
  readonly maxUnderWay: number;
  /** How long a client may take to send its request, in milliseconds. */
  readonly uploadTimeout: number;
}

/** What a client is told instead of classes. */
class Refusal extends Error {
  readonly status: number;
  readonly headers: OutgoingHttpHeaders;

  constructor(status: number, message: string, headers: OutgoingHttpHeaders = {}) {
    super(message);
    this.status = status;
    this.headers = headers;
  }
}

const badImageStatus = { 'not-a-picture': 415, damaged: 400, 'too-large': 413 } as const;

function refusalOf(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  if (error instanceof BadImageError) {
    return new Refusal(badImageStatus[error.failure], error.message);
  }
  console.error(error);
  return new Refusal(500, 'The server failed, and its log says why');
}

/** `POST /classify?top=5` with a picture as the body, and `GET /healthz`; all that is sent back is JSON. */
export function createClassifierServer(
  classifier: Classifier,
  { maxBytes, maxUnderWay, uploadTimeout, ...batching }: ServerOptions,
): Server {
  const batches = openBatches(classifier, batching);
  let underWay = 0;

  async function classify(request: IncomingMessage, query: string, signal: AbortSignal) {
    const top = topIn(query);
    if (request.headers['content-type']?.startsWith('multipart/form-data')) {
      const message = 'expected a picture as the body, got a form. Send the file itself';
      throw new Refusal(415, `${message}, as curl --data-binary does`);
    }
    if (underWay >= maxUnderWay) {
      const message = `expected fewer than ${maxUnderWay} pictures under way. Try again`;
      throw new Refusal(503, message, { 'retry-after': '1' });
    }
    underWay += 1;
    try {
      const picture = await readBody(request, maxBytes);
      return { top: await batches.classify(picture, { top, signal }) };
    } finally {
      underWay -= 1;
    }
  }

  const health = async () => {
    const { model } = classifier.description;
    return { status: 'ok', model, underWay, ...batches.counts };
  };

  const routes = new Map([
    ['/classify', { methods: ['POST'], respond: classify }],
    ['/healthz', { methods: ['GET', 'HEAD'], respond: health }],
  ]);

  async function respond(request: IncomingMessage, signal: AbortSignal): Promise<object> {
    const [path = '', query = ''] = request.url!.split('?', 2);
    const route = routes.get(path);
    if (!route) throw new Refusal(404, `expected ${[...routes.keys()].join(' or ')}, got ${path}`);
    if (route.methods.includes(request.method!)) return route.respond(request, query, signal);
    const allow = route.methods.join(', ');
    throw new Refusal(405, `expected ${allow}, got ${request.method}`, { allow });
  }

  const options = {
    ...{ requestTimeout: uploadTimeout, headersTimeout: uploadTimeout },
    connectionsCheckingInterval: Math.ceil(uploadTimeout / 2),
    // Node refuses a request without it by an empty body.
    requireHostHeader: false,
  };
  const server = createServer(options, async (request, response) => {
    const gone = new AbortController();
    response.on('close', () => gone.abort());
    const send = (status: number, body: object, headers: OutgoingHttpHeaders = {}) => {
      // A connection that stays open would keep a server that stops from ending.
      if (!server.listening) response.setHeader('connection', 'close');
      response.writeHead(status, { 'content-type': 'application/json', ...headers });
      response.end(`${JSON.stringify(body)}\n`);
    };
    try {
      send(200, await respond(request, gone.signal));
    } catch (error) {
      if (gone.signal.aborted) return;
      const { status, message, headers } = refusalOf(error);
      send(status, { error: message }, headers);
    }
  });
  // What Node would leave without a word: an expectation that it does not know, a tunnel, and what is no HTTP.
  server.on('checkExpectation', (...both) => server.emit('request', ...both));
  server.on('connect', (_, socket) => closeWith(socket, 405));
  return server.on('clientError', ({ code = '' }: NodeJS.ErrnoException, socket) =>
    closeWith(socket, { ERR_HTTP_REQUEST_TIMEOUT: 408, HPE_HEADER_OVERFLOW: 431 }[code] ?? 400),
  );
}

function closeWith(socket: Duplex, status: number): void {
  const body = `${JSON.stringify({ error: STATUS_CODES[status] })}\n`;
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    ...['connection: close', 'content-type: application/json'],
    `content-length: ${body.length}`,
  ];
  if (!socket.writable) socket.destroy();
  else socket.end(`${head.join('\r\n')}\r\n\r\n${body}`, () => socket.destroy());
}

function topIn(query: string): number {
  const asked = new URLSearchParams(query);
  const unknown = [...asked.keys()].find((name) => name !== 'top');
  if (unknown !== undefined) {
    throw new Refusal(400, `expected no more in the query than top, as in ?top=5, got ${unknown}`);
  }
  const given = asked.get('top') ?? '5';
  const top = Number(given);
  if (Number.isSafeInteger(top) && top >= 1) return top;
  throw new Refusal(400, `expected top to be a whole number above 0, got ${given}`);
}

/** What comes beyond the limit is dropped: a connection that is closed at once may lose the refusal. */
async function readBody(request: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const tooLarge = new Refusal(413, `expected a picture of at most ${maxBytes} bytes`);
  if (Number(request.headers['content-length']) > maxBytes) throw tooLarge;
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= maxBytes) chunks.push(chunk);
      else {
        chunks.length = 0;
        reject(tooLarge);
      }
    });
    request.on('end', () => resolve(Buffer.concat(chunks)));
    request.on('error', reject);
  });
}
