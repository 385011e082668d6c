/** A room as a plug-in is shown it: narrow, frozen, and void when the hook has returned. */
import { bareOf } from '../xmpp/jid';
import { foldFull } from '../xmpp/fold';
import type { Occupant } from '../room/occupants/occupants';
import type { RowDeclaration } from '../room/contract/row-declaration';
import type { Option } from '../room/contract/options';
import type { RoomState } from '../room/state';
import type { Json, OccupantView, RoomView, RowsView } from './api-room';

/** What the program knows of one plug-in, for its views. */
export interface Own {
  /** As it is configured. */
  readonly name: string;
  /** Under which its rows are kept. */
  readonly rows: string;
  /** What they are, and at most how many in one room; undefined: it keeps none. */
  readonly declaration: (RowDeclaration & { readonly most: number }) | undefined;
  /** Its form fields, by name. */
  readonly options: ReadonlyMap<string, Option<boolean | number | string>>;
}

export function occupantView(state: RoomState, occupant: Occupant): OccupantView {
  const { nick, jid, id, role, sessions } = occupant;
  return Object.freeze({ nick, jid, occupantId: id, role, affiliation: state.affiliationOf(jid), sessions: sessions.length });
}

export class View implements RoomView {
  readonly rows: RowsView;
  #state: RoomState | undefined;
  readonly #own: Own;

  constructor(state: RoomState, own: Own, isWhole = true) {
    this.#state = state;
    this.#own = own;
    this.rows = Object.freeze(new RowsOf(() => this.state(), own));
    if (isWhole) Object.freeze(this);
  }

  /** From now on everything throws. */
  end(): void {
    this.#state = undefined;
  }

  get jid(): string {
    return this.state().jid;
  }

  get name(): string {
    return this.state().facts.name;
  }

  get subject(): string {
    return this.state().subject?.text ?? '';
  }

  get persistent(): boolean {
    return this.state().facts.persistent;
  }

  get listed(): boolean {
    return this.state().facts.listed;
  }

  get membersOnly(): boolean {
    return this.state().facts.membersOnly;
  }

  get moderated(): boolean {
    return this.state().facts.moderated;
  }

  get nonAnonymous(): boolean {
    return this.state().facts.jidsVisible;
  }

  get archived(): boolean {
    return this.state().facts.archived;
  }

  get count(): number {
    return this.state().occupants.count;
  }

  get now(): number {
    return this.state().time;
  }

  occupant(nick: string): OccupantView | undefined {
    const state = this.state();
    const found = state.occupants.withNick(nick);
    return found && occupantView(state, found);
  }

  occupantOf(jid: string): OccupantView | undefined {
    const state = this.state();
    const found = state.occupants.withId(state.idOf(bareOf(foldFull(jid))));
    return found && occupantView(state, found);
  }

  *occupants(): Iterable<OccupantView> {
    for (const occupant of [...this.state().occupants.all()]) yield occupantView(this.state(), occupant);
  }

  affiliationOf(jid: string): OccupantView['affiliation'] {
    return this.state().affiliationOf(foldFull(jid));
  }

  field(name: string): boolean | number | string {
    const option = this.#own.options.get(name);
    if (!option) throw new TypeError(`"${this.#own.name}" has no form field ${JSON.stringify(name)}`);
    return this.state().options.get(option);
  }

  /** The room, while the hook runs. */
  protected state(): RoomState {
    if (!this.#state) throw new Error('A room may only be used while the hook runs that was given it; later use execute');
    return this.#state;
  }
}

export class RowsOf implements RowsView {
  constructor(
    protected readonly room: () => RoomState,
    protected readonly own: Own,
  ) {}

  get(key: string): Json | undefined {
    return this.room().kept.valueOf(this.own.rows, key) as Json | undefined;
  }

  keys(): readonly string[] {
    return [...(this.room().kept.textsOf(this.own.rows)?.keys() ?? [])];
  }

  get count(): number {
    return this.room().kept.textsOf(this.own.rows)?.size ?? 0;
  }
}
