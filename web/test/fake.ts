/** A gateway in memory: as much of the client as the room uses. */
import type { Client } from "../src/api/client.js";
import type { Fitting, Photo } from "../src/api/documents.js";
import { Trouble } from "../src/api/trouble.js";

export function photo(id: string, told: Partial<Photo> = {}): Photo {
  return {
    id,
    state: "succeeded",
    buyer: "b",
    reference: null,
    category: "auto",
    width: 768,
    height: 1024,
    created_at: "2026-01-01T00:00:00Z",
    stages: {},
    artifacts: {},
    links: {},
    warnings: [],
    problem: null,
    ...told,
  } as Photo;
}

export function fitting(id: string, told: Partial<Fitting> = {}): Fitting {
  return {
    id,
    state: "succeeded",
    person_id: "p1",
    garment_id: "g1",
    created_at: "2026-01-01T00:00:00Z",
    stages: {},
    artifacts: {},
    links: { self: "", events: "" },
    warnings: [],
    ...told,
  } as Fitting;
}

type Call = readonly [string, ...unknown[]];

export class FakeGateway {
  readonly calls: Call[] = [];
  people: Photo[] = [];
  garments: Photo[] = [];
  fittings: Fitting[] = [];
  /** What the next call of a name meets. */
  readonly troubles = new Map<string, Trouble>();

  get client(): Client {
    return this as unknown as Client;
  }

  #called(...call: Call): void {
    this.calls.push(call);
    const trouble = this.troubles.get(call[0]);
    if (trouble) {
      this.troubles.delete(call[0]);
      throw trouble;
    }
  }

  async all(collection: "people" | "garments" | "fittings"): Promise<unknown[]> {
    this.#called("all", collection);
    return [...this[collection]];
  }

  async upload(collection: "people" | "garments", _: Blob, told: { key: string; reference?: string }): Promise<Photo> {
    this.#called("upload", collection, told.key);
    const made = photo(`${collection[0]}${this[collection].length + 1}`, { reference: told.reference ?? null });
    this[collection].unshift(made);
    return made;
  }

  async photo(collection: "people" | "garments", id: string): Promise<Photo> {
    this.#called("photo", id);
    const found = this[collection].find((each) => each.id === id);
    if (!found) throw new Trouble("not_found");
    return found;
  }

  async fit(personId: string, garmentId: string): Promise<Fitting> {
    this.#called("fit", personId, garmentId);
    const made = fitting(`f${this.fittings.length + 1}`, { person_id: personId, garment_id: garmentId });
    this.fittings.unshift(made);
    return made;
  }

  async select(id: string, selected: boolean): Promise<Fitting> {
    this.#called("select", id, selected);
    const found = this.fittings.find((each) => each.id === id) as Fitting;
    return { ...found, selected_at: selected ? "2026-01-02T00:00:00Z" : null };
  }

  async remove(collection: "people" | "garments" | "fittings", id: string): Promise<void> {
    this.#called("remove", collection, id);
    const kept = (this[collection] as { id: string }[]).filter((each) => each.id !== id);
    Object.assign(this, { [collection]: kept });
  }
}
