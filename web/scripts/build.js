// Builds the static files that ship with the gateway, and records what they were built from.
//
//   node scripts/build.js            writes gateway/src/vf_gateway/fitting_room
//   node scripts/build.js --verify   builds elsewhere, and fails unless every byte is the same
import { createHash } from "node:crypto";
import { copyFile, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { gzipSync } from "node:zlib";
import { build } from "vite";

const web = path.resolve(import.meta.dirname, "..");
const shipped = path.resolve(web, "../gateway/src/vf_gateway/fitting_room");
/** What decides the files, relative to web/; types alone do not. tests/test_fitting_room_files.py reads the same. */
const SOURCES = ["src", "demo", "scripts", "package-lock.json"];
const TYPES_ONLY = "src/api/schema.ts";
const RECORD = "built-from.json";
const MOST_COMPRESSED = 60_000;

async function filesBelow(folder) {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((each) => each.isFile()).map((each) => path.join(each.parentPath, each.name));
}

async function sourcesDigest() {
  const folders = SOURCES.filter((each) => !each.includes("."));
  const below = await Promise.all(folders.map((each) => filesBelow(path.join(web, each))));
  const files = [...below.flat(), ...SOURCES.filter((each) => each.includes(".")).map((each) => path.join(web, each))];
  const names = files
    .map((each) => path.relative(web, each).split(path.sep).join("/"))
    .filter((each) => each !== TYPES_ONLY);
  const lines = [];
  for (const name of names.sort()) {
    const digest = createHash("sha256")
      .update(await readFile(path.join(web, name)))
      .digest("hex");
    lines.push(`${digest}  ${name}\n`);
  }
  return createHash("sha256").update(lines.join("")).digest("hex");
}

async function buildInto(folder) {
  await build({
    root: web,
    configFile: false,
    base: "/web/",
    publicDir: "demo/public",
    logLevel: "warn",
    build: {
      outDir: folder,
      emptyOutDir: true,
      assetsInlineLimit: 0,
      modulePreload: false,
      target: "es2022",
      rollupOptions: {
        input: { "vf-fitting-room": path.join(web, "src/index.ts"), market: path.join(web, "demo/market.ts") },
        // What both need lies in the component's own script, so that a market's page loads one file.
        preserveEntrySignatures: "allow-extension",
        output: {
          postBanner: "/*! Contains Lit, Copyright Google LLC, BSD-3-Clause: see lit-LICENSE.txt beside this file. */",
          entryFileNames: "[name].js",
          chunkFileNames: "[name].js",
          assetFileNames: "samples/[name][extname]",
        },
      },
    },
  });
  await copyFile(path.join(web, "node_modules/lit/LICENSE"), path.join(folder, "lit-LICENSE.txt"));
  await writeFile(path.join(folder, RECORD), `${JSON.stringify({ sources: await sourcesDigest() }, null, 2)}\n`);
}

async function differences(one, other) {
  const names = new Set();
  for (const folder of [one, other])
    for (const file of await filesBelow(folder)) names.add(path.relative(folder, file));
  const differing = [];
  for (const name of names) {
    const [a, b] = await Promise.all([one, other].map((each) => readFile(path.join(each, name)).catch(() => null)));
    if (!a || !b || !a.equals(b)) differing.push(name);
  }
  return differing;
}

/** Everything that the page loads besides pictures. */
async function reportSize(folder) {
  let total = 0;
  for (const file of await filesBelow(folder)) {
    if (!/\.(js|css|html|svg)$/.test(file)) continue;
    const size = gzipSync(await readFile(file), { level: 9 }).length;
    total += size;
    console.log(`${String(size).padStart(7)} bytes compressed  ${path.relative(folder, file)}`);
  }
  console.log(`${String(total).padStart(7)} in all, of ${MOST_COMPRESSED}`);
  if (total > MOST_COMPRESSED) throw new Error("The files are too large.");
}

if (process.argv.includes("--verify")) {
  const folder = await mkdtemp(path.join(tmpdir(), "vf-web-"));
  try {
    await buildInto(folder);
    const differing = await differences(folder, shipped);
    if (differing.length) throw new Error(`Not what the sources build: ${differing.join(", ")}. Run npm run build.`);
  } finally {
    await rm(folder, { recursive: true });
  }
} else {
  await buildInto(shipped);
}
await reportSize(shipped);
