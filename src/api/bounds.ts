/** How much the API takes. What is above is refused; rooms notice nothing. Times in milliseconds. */
export const BOUNDS = {
  /** Longest content of a request, in bytes. */
  body: 262_144,
  /** Longest head of a request, in bytes. */
  head: 16_384,
  /** Connections at a time, of the socket and of the port each. */
  connections: 200,
  /**
   * For the head of a request, for all of its content, for the next one on the same connection, and without a byte in either direction.
   * None of them counts while an answer is made.
   */
  headTime: 10_000,
  requestTime: 30_000,
  /** For all of a request whose content is of any length. */
  uploadTime: 3_600_000,
  idleTime: 10_000,
  silence: 600_000,
  /** Requests on one connection. */
  perConnection: 1_000,
  /** Requests that are being answered at a time. */
  answering: 200,
  /** Requests of one token in a second, and at once; and of all who have none. */
  tokenRate: 50,
  tokenBurst: 100,
  /** The same of a token that posts: each request is a message to a room. */
  postRate: 2,
  postBurst: 20,
  strangerRate: 10,
  strangerBurst: 20,
  /** Tokens of which it is remembered how often they asked: more than there may be (`tokens.ts`). */
  buckets: 2_000,
  /** Longest Idempotency-Key, in characters. */
  key: 200,
} as const;
