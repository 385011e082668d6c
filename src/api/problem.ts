/** What was not done, and why: `application/problem+json` (RFC 9457) with a code that stays. */
import { inLanguage, inWords, type Language, type Stands, type Key, type Text } from '../words';
import { stanzaError, type Condition, type StanzaError } from '../xmpp/stanza-error';

/** Codes that no room gives; all others are conditions of stanza errors (RFC 6120 §8.3.3). */
const OWN_STATUS = {
  /** No token, or one that is none (any more). */
  unauthorized: 401,
  /** The token's scope, or its rooms, do not reach so far. */
  'out-of-scope': 403,
  'no-such-route': 404,
  'too-many-requests': 429,
  'too-large': 413,
  'not-json': 415,
  /** The same `Idempotency-Key` with another request. */
  'key-reused': 422,
  /** What would be destroyed is not as many as was said. */
  'number-differs': 409,
  /** It is perhaps not meant, and is done for who says `confirmed`. */
  unconfirmed: 409,
} as const;

/** The status of each condition. */
const STATUS: Readonly<Record<Condition, number>> = {
  'bad-request': 400,
  conflict: 409,
  'feature-not-implemented': 501,
  forbidden: 403,
  gone: 410,
  'internal-server-error': 500,
  'item-not-found': 404,
  'jid-malformed': 400,
  'not-acceptable': 422,
  'not-allowed': 403,
  'not-authorized': 403,
  'policy-violation': 422,
  'recipient-unavailable': 404,
  redirect: 410,
  'registration-required': 403,
  'remote-server-not-found': 502,
  'remote-server-timeout': 504,
  'resource-constraint': 503,
  'service-unavailable': 503,
  'subscription-required': 403,
  'undefined-condition': 500,
  'unexpected-request': 409,
};

export type Code = Condition | keyof typeof OWN_STATUS;

/** Every code with its status, for the document. */
export const STATUS_OF: Readonly<Record<Code, number>> = { ...STATUS, ...OWN_STATUS };

/** As it is sent. */
export interface ProblemBody {
  /** `urn:parlour:problem:` and the code. */
  readonly type: string;
  readonly code: Code;
  readonly status: number;
  /** A sentence, in the language that was asked for. */
  readonly detail: string;
  readonly [more: string]: unknown;
}

/** Thrown by what a route runs. */
export class Problem extends Error {
  constructor(
    readonly code: Code,
    readonly text: Text,
    /** What a program needs beside the sentence. */
    readonly more: Readonly<Record<string, unknown>> = {},
  ) {
    super(String(text));
    this.name = 'Problem';
  }

  get status(): number {
    return STATUS_OF[this.code];
  }

  body(language: Language): ProblemBody {
    const { code, status, text, more } = this;
    return { type: `urn:parlour:problem:${code}`, code, status, detail: inLanguage(text, language), ...more };
  }
}

/** A refusal, by a room or by the API itself, as a problem: its condition is the code, and `uri` says where a room is now. */
export function problemOf(error: StanzaError): Problem {
  return new Problem(error.condition, error.text, error.uri === undefined ? {} : { uri: error.uri });
}

/** A mistake in what was asked, with its sentence. */
export function mistaken<K extends Key>(key: K, ...values: Stands<K>): Problem {
  return problemOf(stanzaError('bad-request', inWords(key, ...values)));
}
