/** What the demo market sells, and who may be dressed: the repository's samples. */
import bed from "../../samples/bed.jpg?url";
import dress from "../../samples/dress.jpg?url";
import hanger from "../../samples/hanger.jpg?url";
import longsleeve from "../../samples/longsleeve.jpg?url";
import person from "../../samples/person.jpg?url";
import person2 from "../../samples/person2.jpg?url";
import person3 from "../../samples/person3.jpg?url";
import skirt from "../../samples/skirt.jpg?url";
import tank from "../../samples/tank.jpg?url";
import trousers from "../../samples/trousers.jpg?url";
import tshirt from "../../samples/tshirt.jpg?url";
import type { Category } from "../src/api/documents.js";
import type { Example } from "../src/index.js";
import type { Language } from "../src/text/index.js";

export interface Offer {
  readonly id: string;
  readonly image: string;
  readonly title: Readonly<Record<Language, string>>;
  readonly won: number;
  readonly seller: string;
  readonly category: Category;
  /** Id of the garment, of an offer that was put in here. */
  readonly garment?: string;
}

export const OFFERS: readonly Offer[] = [
  {
    id: "demo tshirt",
    image: tshirt,
    title: { en: "T-shirt", ko: "티셔츠" },
    won: 9000,
    seller: "minji",
    category: "tops",
  },
  {
    id: "demo longsleeve",
    image: longsleeve,
    title: { en: "Long-sleeved shirt", ko: "긴팔 티셔츠" },
    won: 15000,
    seller: "haru",
    category: "tops",
  },
  {
    id: "demo tank",
    image: tank,
    title: { en: "Tank top", ko: "민소매" },
    won: 7000,
    seller: "sora",
    category: "tops",
  },
  {
    id: "demo hanger",
    image: hanger,
    title: { en: "Top on a hanger", ko: "옷걸이에 건 상의" },
    won: 12000,
    seller: "jun",
    category: "tops",
  },
  {
    id: "demo bed",
    image: bed,
    title: { en: "Top on the bed", ko: "침대 위의 상의" },
    won: 11000,
    seller: "dami",
    category: "tops",
  },
  {
    id: "demo dress",
    image: dress,
    title: { en: "Dress", ko: "원피스" },
    won: 22000,
    seller: "sora",
    category: "one-pieces",
  },
  {
    id: "demo skirt",
    image: skirt,
    title: { en: "Skirt", ko: "치마" },
    won: 11000,
    seller: "minji",
    category: "bottoms",
  },
  {
    id: "demo trousers",
    image: trousers,
    title: { en: "Trousers", ko: "바지" },
    won: 18000,
    seller: "yuna",
    category: "bottoms",
  },
];

export const EXAMPLES: readonly Example[] = [
  { name: "person", image: person },
  { name: "person2", image: person2 },
  { name: "person3", image: person3 },
];
