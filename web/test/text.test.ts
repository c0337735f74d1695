import { describe, expect, it } from "vitest";
import api from "../../gateway/openapi.json";
import {
  chooseLanguage,
  fill,
  type Language,
  tellPrice,
  tellProblem,
  tellWarning,
  textsOf,
} from "../src/text/index.js";

const codes: readonly string[] = api.components.schemas.Code.enum;
const languages: Language[] = ["en", "ko"];

function names(value: unknown, path = ""): string[] {
  if (typeof value === "string") return [`${path} ${(value.match(/\{\w+\}/g) ?? []).sort().join()}`];
  return Object.entries(value as object).flatMap(([key, each]) => names(each, `${path}.${key}`));
}

describe("texts", () => {
  it("are the same in both languages, with the same values to fill in", () => {
    expect(names(textsOf("ko"))).toEqual(names(textsOf("en")));
  });

  it.each(languages)("tell every problem of the gateway (%s)", (language) => {
    expect(codes.length).toBeGreaterThan(30);
    for (const code of codes) {
      const { what, advice } = tellProblem(textsOf(language), code, "detail");
      expect(what, code).not.toBe("detail");
      expect(advice, code).toMatch(/\S/);
    }
  });

  it("tell what the gateway says of a code that is new", () => {
    expect(tellProblem(textsOf("en"), "brand_new", "Something new.").what).toBe("Something new.");
    expect(tellWarning(textsOf("en"), "brand_new", "Beware.")).toBe("Beware.");
  });

  it("are chosen by hand, else by the browser, else English", () => {
    expect(chooseLanguage("", ["fr-FR", "ko-KR", "en"])).toBe("ko");
    expect(chooseLanguage("en", ["ko"])).toBe("en");
    expect(chooseLanguage("", ["fr"])).toBe("en");
  });

  it("are filled in", () => {
    expect(fill("{a} and {b}", { a: 1 })).toBe("1 and {b}");
    expect(tellPrice("ko", 9000)).toBe("₩9,000");
  });
});
