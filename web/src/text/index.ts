/** Every sentence that is shown, in the buyer's language. */
import en from "./en.json";
import ko from "./ko.json";

export type Texts = typeof en;
export type Language = "en" | "ko";
export type UiKey = keyof Texts["ui"];

const TEXTS: Readonly<Record<Language, Texts>> = { en, ko: { ...ko, problems: ko.problems } };

/** The language that is asked for; else the first of the browser's that there is; else English. */
export function chooseLanguage(asked: string, browser: readonly string[]): Language {
  const codes = [asked, ...browser].map((name) => name.toLowerCase().split("-")[0]);
  return codes.find((code): code is Language => code === "en" || code === "ko") ?? "en";
}

export function textsOf(language: Language): Texts {
  return TEXTS[language];
}

/** A sentence with its {names} filled in. */
export function fill(sentence: string, values: Readonly<Record<string, string | number>> = {}): string {
  return sentence.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}

export interface Told {
  readonly what: string;
  readonly advice: string;
}

/** A problem as a sentence with what to do; of a code that is not known here, what the gateway said. */
export function tellProblem(texts: Texts, code: string, detail = ""): Told {
  const known = (texts.problems as Readonly<Record<string, string[]>>)[code];
  const [what = "", advice = ""] = known ?? [detail || texts.problems.internal[0], texts.problems.internal[1]];
  return { what, advice };
}

/** A warning as a sentence; of a code that is not known here, what the gateway said. */
export function tellWarning(texts: Texts, code: string, detail: string): string {
  return (texts.warnings as Readonly<Record<string, string>>)[code] ?? detail;
}

/** A price in won, as the language writes it. */
export function tellPrice(language: Language, won: number): string {
  return new Intl.NumberFormat(language, { style: "currency", currency: "KRW", maximumFractionDigits: 0 }).format(won);
}
