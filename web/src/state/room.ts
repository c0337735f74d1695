/** What happens in the fitting room: one state, changed by the actions below, told to whoever subscribes. */
import type { Client, Collection } from "../api/client.js";
import { type Fitting, hasEnded, type Photo } from "../api/documents.js";
import { type Following, follow } from "../api/following.js";
import { asTrouble, Trouble, troubleOf } from "../api/trouble.js";
import { newKey } from "./keys.js";
import { type Example, garmentOf, type Listing } from "./listing.js";
import type { Memory } from "./memory.js";

export interface RoomState {
  readonly phase: "opening" | "open" | "forgetting";
  /** What concerns all of it; null: nothing. */
  readonly trouble: Trouble | null;
  readonly people: readonly Photo[];
  readonly personId: string | null;
  /** A photo of oneself on its way: the share that has been sent; null: none is. */
  readonly personSent: number | null;
  /** Why the last photo of oneself was not taken. */
  readonly personTrouble: Trouble | null;
  readonly garments: readonly Photo[];
  /** Newest first. */
  readonly fittings: readonly Fitting[];
  readonly shownId: string | null;
  /** What is tried on as soon as there is a person. */
  readonly waiting: Listing | null;
  /** A listing that is being sent, and the share of its photo that has been. */
  readonly sending: { readonly listing: Listing; readonly share: number } | null;
  /** A listing that could not be tried on at all. */
  readonly refused: { readonly listing: Listing; readonly trouble: Trouble } | null;
  readonly favourites: ReadonlySet<string>;
  /** Everything was deleted just now. */
  readonly forgotten: boolean;
}

const EMPTY: RoomState = {
  phase: "opening",
  trouble: null,
  people: [],
  personId: null,
  personSent: null,
  personTrouble: null,
  garments: [],
  fittings: [],
  shownId: null,
  waiting: null,
  sending: null,
  refused: null,
  favourites: new Set(),
  forgotten: false,
};
const LOOK_MS = 600;

type Change = Partial<RoomState>;

interface Upload {
  readonly image: Blob;
  readonly key: string;
  readonly reference?: string;
}

export class Room {
  #state: RoomState = EMPTY;
  #followed = new Map<string, Following>();
  #lastUpload: Upload | null = null;
  #closed = false;

  /**
   * @param client speaks to the gateway.
   * @param memory what the browser remembers.
   * @param tell is called after every change.
   * @param onEnd is called with each fitting that has ended, and with each that has been chosen.
   */
  constructor(
    private readonly client: Client,
    private readonly memory: Memory,
    private readonly tell: () => void,
    private readonly onEnd: (event: "fitting" | "selected", fitting: Fitting) => void,
  ) {}

  get state(): RoomState {
    return this.#state;
  }

  get person(): Photo | undefined {
    return this.#state.people.find((each) => each.id === this.#state.personId);
  }

  /** The fittings of the person that is chosen. */
  get ofThisPerson(): readonly Fitting[] {
    return this.#state.fittings.filter((each) => each.person_id === this.#state.personId);
  }

  get shown(): Fitting | undefined {
    return this.#state.fittings.find((each) => each.id === this.#state.shownId);
  }

  /** Fetch what is there, and go on following what has not ended. */
  async open(): Promise<void> {
    this.#change({ phase: "opening", trouble: null });
    try {
      const [people, garments, fittings] = await Promise.all([
        this.client.all<Photo>("people"),
        this.client.all<Photo>("garments"),
        this.client.all<Fitting>("fittings"),
      ]);
      const remembered = this.memory.load();
      const usable = people.filter((each) => each.state !== "failed");
      const person = usable.find((each) => each.id === remembered.personId) ?? usable[0];
      this.#change({
        phase: "open",
        people,
        garments,
        fittings,
        personId: person?.id ?? null,
        shownId: fittings[0]?.id ?? null,
        favourites: new Set(remembered.favourites.filter((id) => fittings.some((each) => each.id === id))),
      });
      for (const fitting of fittings) this.#follow(fitting);
      if (person && !hasEnded(person)) await this.#untilPrepared(person);
      else if (person) await this.#tryWaiting();
    } catch (error) {
      this.#change({ phase: "open", trouble: asTrouble(error) });
    }
  }

  close(): void {
    this.#closed = true;
    for (const following of this.#followed.values()) following.stop();
    this.#followed.clear();
  }

  // --- oneself ---

  async useExample(example: Example): Promise<void> {
    const reference = `example ${example.name}`;
    const known = this.#state.people.find((each) => each.reference === reference && each.state !== "failed");
    if (known) return this.usePerson(known.id);
    await this.#sendPerson(async () => ({ image: await fetchImage(example.image), key: newKey(), reference }));
  }

  async usePhoto(image: Blob): Promise<void> {
    await this.#sendPerson(async () => ({ image, key: newKey() }));
  }

  /** Send the last photo again, under the same key: if it did arrive, it is not sent twice. */
  async retryPhoto(): Promise<void> {
    const upload = this.#lastUpload;
    if (upload) await this.#sendPerson(async () => upload);
  }

  async usePerson(id: string): Promise<void> {
    this.#change({ personId: id, personTrouble: null });
    this.#remember();
    await this.#tryWaiting();
  }

  async #sendPerson(make: () => Promise<Upload>): Promise<void> {
    this.#change({ personSent: 0, personTrouble: null, forgotten: false });
    try {
      const upload = await make();
      this.#lastUpload = upload;
      const onSent = (share: number) => this.#change({ personSent: share });
      const person = await this.client.upload("people", upload.image, upload, onSent);
      this.#change({ personSent: 1, people: [person, ...without(this.#state.people, person.id)] });
      await this.#untilPrepared(person);
    } catch (error) {
      this.#change({ personSent: null, personTrouble: asTrouble(error) });
    }
  }

  async #untilPrepared(first: Photo): Promise<void> {
    this.#change({ personSent: 1 });
    const person = await this.#prepared("people", first);
    const trouble = person.problem ? troubleOf(person.problem) : null;
    const people = trouble ? without(this.#state.people, person.id) : replaced(this.#state.people, person);
    const personId = trouble ? (this.#state.personId === person.id ? null : this.#state.personId) : person.id;
    this.#change({ personSent: null, personTrouble: trouble, people, personId });
    if (trouble) {
      void this.client.remove("people", person.id).catch(() => {}); // it goes by its time at the latest
      return;
    }
    this.#remember();
    await this.#tryWaiting();
  }

  async #prepared(collection: Collection, first: Photo): Promise<Photo> {
    let photo = first;
    while (!hasEnded(photo) && !this.#closed) {
      await pause(LOOK_MS);
      photo = await this.client.photo(collection, photo.id).catch((error: unknown) => {
        if (asTrouble(error).passes) return photo;
        throw error;
      });
    }
    return photo;
  }

  // --- trying on ---

  /** Try a listing on, or show how it looks if that is known; without a person, as soon as there is one. */
  async tryOn(listing: Listing): Promise<void> {
    this.#change({ refused: null, forgotten: false });
    const person = this.person;
    if (!person || !hasEnded(person)) {
      this.#change({ waiting: listing });
      return;
    }
    try {
      const garmentId = garmentOf(listing, this.#state.garments) ?? (await this.#sendGarment(listing));
      const known = this.#state.fittings.find(
        (each) =>
          each.person_id === person.id &&
          each.garment_id === garmentId &&
          (each.state === "succeeded" || !hasEnded(each)),
      );
      if (known) {
        this.show(known.id);
        return;
      }
      const fitting = await this.client.fit(person.id, garmentId, newKey());
      const failed = this.#state.fittings.filter(
        (each) => each.person_id === person.id && each.garment_id === garmentId && each.state !== "succeeded",
      );
      this.#change({ fittings: [fitting, ...this.#state.fittings.filter((each) => !failed.includes(each))] });
      for (const old of failed) void this.client.remove("fittings", old.id).catch(() => {});
      this.show(fitting.id);
      this.#follow(fitting);
    } catch (error) {
      this.#change({ refused: { listing, trouble: asTrouble(error) } });
    } finally {
      this.#change({ sending: null });
    }
  }

  async #tryWaiting(): Promise<void> {
    const listing = this.#state.waiting;
    this.#change({ waiting: null });
    if (listing) await this.tryOn(listing);
  }

  async #sendGarment(listing: Listing): Promise<string> {
    this.#change({ sending: { listing, share: 0 }, shownId: null });
    const image = await fetchImage(listing.image);
    const told = { key: newKey(), reference: listing.id, ...(listing.category && { category: listing.category }) };
    const onSent = (share: number) => this.#change({ sending: { listing, share } });
    const garment = await this.client.upload("garments", image, told, onSent);
    this.#change({ garments: [garment, ...without(this.#state.garments, garment.id)] });
    return garment.id;
  }

  #follow(fitting: Fitting): void {
    if (hasEnded(fitting) || this.#followed.has(fitting.id)) return;
    const onChange = (changed: Fitting) => {
      this.#change({ fittings: replaced(this.#state.fittings, changed) });
      if (!hasEnded(changed)) return;
      this.#followed.delete(changed.id);
      this.onEnd("fitting", changed);
    };
    const onGone = () => {
      this.#followed.delete(fitting.id);
      this.#drop(fitting.id);
    };
    this.#followed.set(fitting.id, follow(this.client, fitting, onChange, onGone));
  }

  // --- what has been tried on ---

  show(id: string): void {
    this.#change({ shownId: id, refused: null });
  }

  toggleFavourite(id: string): void {
    const favourites = new Set(this.#state.favourites);
    if (!favourites.delete(id)) favourites.add(id);
    this.#change({ favourites });
    this.#remember();
  }

  /** Choose a fitting's product, or take that back. */
  async select(id: string, selected: boolean): Promise<void> {
    await this.#carefully(async () => {
      const fitting = await this.client.select(id, selected);
      this.#change({ fittings: replaced(this.#state.fittings, fitting) });
      if (selected) this.onEnd("selected", fitting);
    });
  }

  async stop(id: string): Promise<void> {
    await this.#carefully(async () => {
      await this.client.cancel(id);
    });
  }

  async remove(id: string): Promise<void> {
    await this.#carefully(async () => {
      await this.client.remove("fittings", id);
      this.#drop(id);
    });
  }

  /** Delete everything of this buyer's, here and at the gateway. */
  async forget(): Promise<void> {
    this.#change({ phase: "forgetting", trouble: null });
    for (const following of this.#followed.values()) following.stop();
    this.#followed.clear();
    try {
      // People and garments take the fittings with them; a fitting whose photos are gone remains.
      const own = (things: readonly Photo[]) => things.filter((each) => each.buyer !== null).map((each) => each.id);
      for (const id of own(await this.client.all<Photo>("people"))) await this.client.remove("people", id);
      for (const id of own(await this.client.all<Photo>("garments"))) await this.client.remove("garments", id);
      for (const { id } of await this.client.all<Fitting>("fittings")) await this.client.remove("fittings", id);
      this.memory.save({ favourites: [], personId: null });
      this.#lastUpload = null;
      this.#change({ ...EMPTY, phase: "open", forgotten: true });
    } catch (error) {
      await this.open(); // what could not be deleted is still shown
      this.#change({ trouble: asTrouble(error) });
    }
  }

  /** The camera gave no photo. */
  report(trouble: Trouble): void {
    this.#change({ personTrouble: trouble });
  }

  /** A notice has been read. */
  dismiss(): void {
    this.#change({ trouble: null, forgotten: false, refused: null, personTrouble: null });
  }

  async #carefully(act: () => Promise<void>): Promise<void> {
    try {
      this.#change({ trouble: null });
      await act();
    } catch (error) {
      this.#change({ trouble: asTrouble(error) });
    }
  }

  #drop(id: string): void {
    const fittings = without(this.#state.fittings, id);
    const shownId = this.#state.shownId === id ? (fittings[0]?.id ?? null) : this.#state.shownId;
    this.#change({ fittings, shownId });
  }

  #remember(): void {
    this.memory.save({ favourites: [...this.#state.favourites], personId: this.#state.personId });
  }

  #change(change: Change): void {
    if (this.#closed) return;
    this.#state = { ...this.#state, ...change };
    this.tell();
  }
}

function replaced<T extends { readonly id: string }>(things: readonly T[], changed: T): readonly T[] {
  return things.map((each) => (each.id === changed.id ? changed : each));
}

function without<T extends { readonly id: string }>(things: readonly T[], id: string): readonly T[] {
  return things.filter((each) => each.id !== id);
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

async function fetchImage(address: string): Promise<Blob> {
  const answer = await fetch(address);
  if (!answer.ok) throw new Trouble("picture_missing", `HTTP ${answer.status}`);
  return answer.blob();
}

/** Seconds that a fitting of this buyer usually takes: the median of those that have ended; null: none has. */
export function usualSeconds(fittings: readonly Fitting[]): number | null {
  const times = fittings.flatMap((each) => (each.state === "succeeded" && each.wall_ms ? [each.wall_ms] : []));
  times.sort((a, b) => a - b);
  const middle = times[Math.floor(times.length / 2)];
  return middle === undefined ? null : Math.max(1, Math.round(middle / 1000));
}
