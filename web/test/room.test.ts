import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { advanced } from "../src/api/following.js";
import { Trouble, troubleOfAnswer } from "../src/api/trouble.js";
import { garmentOf, type Listing, listingOf } from "../src/state/listing.js";
import type { Memory, Remembered } from "../src/state/memory.js";
import { Room, usualSeconds } from "../src/state/room.js";
import { FakeGateway, fitting, photo } from "./fake.js";

const SHIRT: Listing = { id: "shirt", title: "Shirt", image: "/shirt.jpg" };

let gateway: FakeGateway;
let room: Room;
let kept: Remembered;
let told: string[];

function enter(): Promise<void> {
  const memory: Memory = {
    load: () => kept,
    save: (what) => {
      kept = what;
    },
  };
  room = new Room(
    gateway.client,
    memory,
    () => {},
    (event, what) => told.push(`${event} ${what.id}`),
  );
  return room.open();
}

beforeEach(() => {
  gateway = new FakeGateway();
  kept = { favourites: [], personId: null };
  told = [];
  vi.stubGlobal("fetch", async () => new Response(new Blob(["picture"])));
});
afterEach(() => vi.unstubAllGlobals());

describe("a fitting", () => {
  it("waits for a photo, and begins with it", async () => {
    await enter();
    await room.tryOn(SHIRT);
    expect(room.state.waiting).toBe(SHIRT);
    await room.usePhoto(new Blob());
    expect(room.state.waiting).toBeNull();
    expect(gateway.calls).toContainEqual(["fit", "p1", "g1"]);
    expect(room.shown?.id).toBe("f1");
  });

  it("is not made again for the same person and garment", async () => {
    gateway.people = [photo("p1")];
    gateway.garments = [photo("g1", { reference: "shirt" })];
    gateway.fittings = [fitting("f2", { garment_id: "g2" }), fitting("f1")];
    await enter();
    await room.tryOn(SHIRT);
    expect(room.shown?.id).toBe("f1");
    expect(gateway.calls.map(([name]) => name)).not.toContain("fit");
  });

  it("that failed is made again, and takes the failed one's place", async () => {
    gateway.people = [photo("p1")];
    gateway.garments = [photo("g1", { reference: "shirt" })];
    gateway.fittings = [fitting("failed", { state: "failed" })];
    await enter();
    await room.tryOn(SHIRT);
    expect(room.state.fittings.map((each) => each.id)).toEqual(["f2"]);
    expect(gateway.calls).toContainEqual(["remove", "fittings", "failed"]);
  });

  it("that is refused says why, and is asked for again", async () => {
    gateway.people = [photo("p1")];
    await enter();
    gateway.troubles.set("fit", new Trouble("overloaded"));
    await room.tryOn(SHIRT);
    expect(room.state.refused?.trouble.code).toBe("overloaded");
    expect(room.state.sending).toBeNull();
    await room.tryOn(SHIRT);
    expect(room.state.refused).toBeNull();
    expect(room.shown).toBeDefined();
  });

  it("is chosen", async () => {
    gateway.fittings = [fitting("f1")];
    await enter();
    await room.select("f1", true);
    expect(room.shown?.selected_at).toBeTruthy();
    expect(told).toEqual(["selected f1"]);
  });
});

describe("a photo", () => {
  it("whose answer is lost is asked for again under the same key", async () => {
    await enter();
    gateway.troubles.set("upload", new Trouble("offline"));
    await room.usePhoto(new Blob());
    expect(room.state.personTrouble?.code).toBe("offline");
    await room.retryPhoto();
    const keys = gateway.calls.filter(([name]) => name === "upload").map((call) => call[2]);
    expect(keys).toHaveLength(2);
    expect(new Set(keys).size).toBe(1);
    expect(room.person?.id).toBe("p1");
  });

  it("that shows nobody is told and removed", async () => {
    await enter();
    gateway.upload = async () =>
      photo("p9", { state: "failed", problem: { code: "no_person_found", detail: "" } as never });
    await room.usePhoto(new Blob());
    expect(room.state.personTrouble?.code).toBe("no_person_found");
    expect(room.person).toBeUndefined();
    expect(gateway.calls).toContainEqual(["remove", "people", "p9"]);
  });
});

describe("a reload", () => {
  it("finds person, fittings and favourites again", async () => {
    gateway.people = [photo("p2"), photo("p1")];
    gateway.fittings = [fitting("f1")];
    kept = { favourites: ["f1", "gone"], personId: "p1" };
    await enter();
    expect(room.person?.id).toBe("p1");
    expect([...room.state.favourites]).toEqual(["f1"]);
  });
});

describe("forgetting", () => {
  it("deletes everything of the buyer's and nothing of the market's", async () => {
    gateway.people = [photo("p1")];
    gateway.garments = [photo("g1"), photo("listed", { buyer: null })];
    gateway.fittings = [fitting("f1")];
    kept = { favourites: ["f1"], personId: "p1" };
    await enter();
    await room.forget();
    expect(gateway.garments.map((each) => each.id)).toEqual(["listed"]);
    expect([gateway.people, gateway.fittings]).toEqual([[], []]);
    expect(kept).toEqual({ favourites: [], personId: null });
    expect(room.state.forgotten).toBe(true);
  });

  it("that breaks off shows what is still there", async () => {
    gateway.people = [photo("p1")];
    await enter();
    gateway.troubles.set("remove", new Trouble("offline"));
    await room.forget();
    expect(room.state.trouble?.code).toBe("offline");
    expect(room.person?.id).toBe("p1");
  });
});

describe("small things", () => {
  it("events move a fitting on", () => {
    const begun = advanced(fitting("f1", { state: "queued" }), "running", {});
    expect(begun.state).toBe("running");
    const staged = advanced(begun, "stage", { stage: "parse", state: "done", cached: false, ms: 3 });
    expect(staged.stages.parse).toMatchObject({ state: "done", ms: 3 });
  });

  it("listings and garments find each other", () => {
    const garments = [photo("g1", { reference: "shirt", category: "tops" })];
    expect(garmentOf({ ...SHIRT, category: "tops" }, garments)).toBe("g1");
    expect(garmentOf(SHIRT, garments)).toBeUndefined();
    expect(garmentOf({ ...SHIRT, garment: "g7" }, garments)).toBe("g7");
    expect(listingOf(fitting("f1"), [SHIRT], garments)).toBe(SHIRT);
  });

  it("the usual time is the median", () => {
    const took = (ms: number) => fitting("f", { wall_ms: ms });
    expect(usualSeconds([took(1000), took(90_000), took(3000)])).toBe(3);
    expect(usualSeconds([])).toBeNull();
  });

  it("a proxy's answer is a trouble too", () => {
    expect(troubleOfAnswer(503, "<html>", "7")).toMatchObject({
      code: "stage_unavailable",
      retryAfter: 7,
      passes: true,
    });
    expect(troubleOfAnswer(422, '{"code":"no_person_found","detail":"d"}', null)).toMatchObject({ passes: false });
  });
});
