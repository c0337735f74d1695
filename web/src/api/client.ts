/** Calls of the gateway that a buyer's page makes, with the buyer's token. */
import type { Category, Fitting, Links, Photo } from "./documents.js";
import { asTrouble, Trouble, troubleOfAnswer } from "./trouble.js";

/** Gives a buyer's token; it is asked again when the gateway refuses the one that it gave. */
export type TokenSource = () => Promise<string>;

/** Is told which share of an upload has been sent, 0 to 1. */
export type OnSent = (share: number) => void;

export type Collection = "people" | "garments";

interface Page<T> {
  readonly items: readonly T[];
  readonly next?: string | null;
}

const PAGE = 100;
const PICTURE_TYPES = "image/webp,image/jpeg;q=0.9,image/png;q=0.8,application/json;q=0.7";

export class Client {
  #token: Promise<string> | null = null;

  constructor(
    readonly base: string,
    private readonly source: TokenSource,
  ) {}

  /** Every person, garment or fitting that this buyer may see, newest first. */
  async all<T>(collection: Collection | "fittings"): Promise<T[]> {
    const items: T[] = [];
    let cursor: string | null | undefined = "";
    while (cursor !== null && cursor !== undefined) {
      const query: string = new URLSearchParams({ limit: String(PAGE), ...(cursor && { cursor }) }).toString();
      const page: Page<T> = await this.json("GET", `/v1/${collection}?${query}`);
      items.push(...page.items);
      cursor = page.next;
    }
    return items;
  }

  photo(collection: Collection, id: string): Promise<Photo> {
    return this.json("GET", `/v1/${collection}/${id}`);
  }

  fitting(id: string): Promise<Fitting> {
    return this.json("GET", `/v1/fittings/${id}`);
  }

  fit(personId: string, garmentId: string, key: string): Promise<Fitting> {
    return this.json(
      "POST",
      "/v1/fittings",
      { person_id: personId, garment_id: garmentId },
      { "Idempotency-Key": key },
    );
  }

  cancel(id: string): Promise<Fitting> {
    return this.json("POST", `/v1/fittings/${id}/cancel`);
  }

  select(id: string, selected: boolean): Promise<Fitting> {
    return this.json(selected ? "POST" : "DELETE", `/v1/fittings/${id}/selection`);
  }

  links(id: string): Promise<Links> {
    return this.json("POST", `/v1/fittings/${id}/links`, { expires_in: 900 });
  }

  /** Remove a person, a garment or a fitting; one that is gone already is no error. */
  async remove(collection: Collection | "fittings", id: string): Promise<void> {
    try {
      await this.#fetch("DELETE", `/v1/${collection}/${id}`);
    } catch (error) {
      if (!(error instanceof Trouble && error.code === "not_found")) throw error;
    }
  }

  /** A picture of a document's `artifacts`, its longest edge at most `size` pixels; null: as it is kept. */
  async picture(path: string, size: number | null = null): Promise<Blob> {
    const answer = await this.#fetch("GET", size === null ? path : `${path}?size=${size}`, { Accept: PICTURE_TYPES });
    return answer.blob();
  }

  /**
   * Send a photo.
   *
   * With the same key a second call answers what the first one made, so that an upload whose answer got lost is asked for again.
   */
  async upload(
    collection: Collection,
    image: Blob,
    told: { readonly key: string; readonly reference?: string; readonly category?: Category },
    onSent: OnSent = () => {},
  ): Promise<Photo> {
    const form = new FormData();
    form.set("image", image, "photo");
    if (told.reference) form.set("reference", told.reference);
    if (told.category) form.set("category", told.category);
    const send = async () => this.#send(`/v1/${collection}`, form, await this.#known(), told.key, onSent);
    return this.#withToken(send);
  }

  async json<T>(
    method: string,
    path: string,
    body?: unknown,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<T> {
    const told = body === undefined ? headers : { ...headers, "Content-Type": "application/json" };
    const answer = await this.#fetch(method, path, told, body === undefined ? null : JSON.stringify(body));
    return (await answer.json()) as T;
  }

  #known(): Promise<string> {
    this.#token ??= this.source();
    return this.#token;
  }

  /** What is refused for its token is tried once more with a new one. */
  async #withToken<T>(call: () => Promise<T>): Promise<T> {
    try {
      return await call();
    } catch (error) {
      const trouble = asTrouble(error);
      if (trouble.code !== "unauthorized") throw trouble;
    }
    this.#token = null;
    try {
      return await call();
    } catch (error) {
      this.#token = null;
      throw asTrouble(error);
    }
  }

  #fetch(
    method: string,
    path: string,
    headers: Readonly<Record<string, string>> = {},
    body: string | null = null,
  ): Promise<Response> {
    return this.#withToken(async () => {
      const authorization = `Bearer ${await this.#known()}`;
      const answer = await fetch(this.base + path, {
        method,
        body,
        headers: { ...headers, Authorization: authorization },
      });
      if (answer.ok) return answer;
      throw troubleOfAnswer(answer.status, await answer.text(), answer.headers.get("Retry-After"));
    });
  }

  /** fetch() tells nothing of an upload's progress; XMLHttpRequest does. */
  #send(path: string, form: FormData, token: string, key: string, onSent: OnSent): Promise<Photo> {
    return new Promise((resolve, reject) => {
      const request = new XMLHttpRequest();
      request.open("POST", this.base + path);
      request.setRequestHeader("Authorization", `Bearer ${token}`);
      request.setRequestHeader("Idempotency-Key", key);
      request.upload.onprogress = (event) => {
        if (event.lengthComputable) onSent(event.loaded / event.total);
      };
      request.onerror = () => reject(new Trouble("offline"));
      request.onload = () => {
        if (request.status < 300) resolve(JSON.parse(request.responseText) as Photo);
        else reject(troubleOfAnswer(request.status, request.responseText, request.getResponseHeader("Retry-After")));
      };
      request.send(form);
    });
  }
}
