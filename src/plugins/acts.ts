/** What a plug-in may do in a room while a hook runs: its own rows, messages of the room, presence shown again. */
import { escapeText } from '../xmpp/xml';
import { undeclaredIn } from '../room/contract/declared-rows';
import { isPassing } from '../room/kept-rows';
import { presenceOf, showToOthers, tellSelf } from '../room/occupants/presence';
import { sayAsRoom, tellOccupant } from '../room/talking/speak';
import type { RoomState } from '../room/state';
import type { Turn } from '../room/turn';
import type { Json, RoomActs, Rows } from './api-room';
import type { Xml } from './markup';
import { finished, fitting } from './markup-out';
import { RowsOf, View, type Own } from './view';

/** Longest key, and longest value as JSON, in UTF-16 units. */
const MOST_KEY = 256;
const MOST_VALUE = 16_384;

export class Acts extends View implements RoomActs {
  override readonly rows: Rows;
  readonly #turn: Turn;

  constructor(state: RoomState, turn: Turn, own: Own) {
    super(state, own, false);
    this.#turn = turn;
    this.rows = Object.freeze(new WritableRows(() => this.state(), own, turn));
    Object.freeze(this);
  }

  say(body: string, ...more: readonly Xml[]): void {
    sayAsRoom(this.state(), this.#turn, { clientId: null, lang: null, payload: contentOf(body, more), inHistory: true });
  }

  tell(nick: string, body: string, ...more: readonly Xml[]): void {
    const content = contentOf(body, more);
    const occupant = this.state().occupants.withNick(nick);
    if (occupant) tellOccupant(this.state(), this.#turn, occupant, content);
  }

  show(nick: string): void {
    const state = this.state();
    const occupant = state.occupants.withNick(nick);
    if (!occupant) return;
    state.writeOccupant(this.#turn, occupant);
    const facts = presenceOf(state, occupant);
    showToOthers(state, this.#turn, occupant, facts);
    tellSelf(state, this.#turn, occupant, facts);
  }
}

const contentOf = (body: string, more: readonly Xml[]): string => `<body>${escapeText(fitting(body))}</body>${more.map(finished).join('')}`;

class WritableRows extends RowsOf implements Rows {
  constructor(
    room: () => RoomState,
    own: Own,
    private readonly turn: Turn,
  ) {
    super(room, own);
  }

  set(key: string, value: Json): void {
    const { rows, declaration, name } = this.own;
    const room = this.room();
    if (!declaration) throw new Error(`"${name}" declares no rows`);
    if (typeof key !== 'string' || key.length > MOST_KEY) throw new RangeError(`A key of a row has at most ${MOST_KEY} characters`);
    const text = value === null ? null : JSON.stringify(value);
    if (text === undefined) throw new TypeError('The value of a row is what JSON can carry');
    if (text !== null && text.length > MOST_VALUE) throw new RangeError(`The value of a row has at most ${MOST_VALUE} characters of JSON`);
    const undeclared = text === null ? undefined : undeclaredIn(declaration, { key, value: text });
    if (undeclared !== undefined) throw new TypeError(undeclared);
    const isNew = text !== null && room.kept.textsOf(rows)?.has(key) !== true;
    if (isNew && this.count >= declaration.most) throw new RangeError(`"${name}" keeps ${declaration.most} rows in a room at most`);
    if (room.kept.textsOf(rows)?.get(key) === (text ?? undefined)) return;
    // What is over by itself stands in the order of its times.
    if (text !== null && !isNew && isPassing(declaration)) room.setFeatureValue(this.turn, rows, key, null);
    room.setFeatureValue(this.turn, rows, key, text);
  }
}
