// Bundles scripts, styles, fonts and icons into web/static/dist with hashed names, and writes manifest.json.
import { build } from "esbuild";
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const out = resolve(process.argv[2] ?? join(here, "../static/dist"));
const modules = join(here, "node_modules");

rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });
const manifest = {};

function writeHashed(name, content) {
  const hash = createHash("sha256").update(content).digest("hex").slice(0, 10).toUpperCase();
  const [stem, extension] = [name.slice(0, name.lastIndexOf(".")), name.slice(name.lastIndexOf("."))];
  const file = `${stem}-${hash}${extension}`;
  writeFileSync(join(out, file), content);
  manifest[name] = file;
}

// Bootstrap's ready-made CSS knows a dark theme by attribute only. Officials' machines say by system setting what they
// want, and an attribute would need a script that runs before the first paint: so those rules move into a media query.
const darkBySystem = {
  name: "dark-by-system",
  setup(esbuild) {
    esbuild.onLoad({ filter: /bootstrap\/dist\/css\/bootstrap\.css$/ }, ({ path }) => {
      const dark = [];
      const light = readFileSync(path, "utf8")
        .replace(/^\[data-bs-theme=dark\][^{}]*\{[^{}]*\}/gm, (rule) => {
          dark.push(rule.replaceAll("[data-bs-theme=dark]", ":root"));
          return "";
        })
        .replace(/\/\*# sourceMappingURL.*\*\//, "");
      if (dark.length === 0) throw new Error("Expected dark rules in bootstrap.css, but found none.");
      return { contents: `${light}\n@media (prefers-color-scheme: dark) {\n${dark.join("\n")}\n}\n`, loader: "css" };
    });
  },
};

const result = await build({
  absWorkingDir: here,
  entryPoints: { app: "src/app/index.js", viewer: "src/viewer/index.js", style: "src/css/app.css", diagram: "src/css/viewer.css" },
  outdir: out,
  entryNames: "[name]-[hash]",
  assetNames: "[name]-[hash]",
  bundle: true,
  minify: true,
  format: "esm",
  target: ["es2022", "chrome111", "firefox115", "safari16.4"],
  loader: { ".woff2": "file", ".woff": "empty", ".ttf": "empty", ".eot": "empty", ".svg": "file" },
  legalComments: "none",
  metafile: true,
  logLevel: "warning",
  plugins: [darkBySystem],
});

const logical = { app: "app.js", viewer: "viewer.js", style: "app.css", diagram: "viewer.css" };
for (const [path, output] of Object.entries(result.metafile.outputs)) {
  const file = basename(path);
  if (output.entryPoint) {
    manifest[logical[file.slice(0, file.lastIndexOf("-"))]] = file;
  } else {
    manifest[file.replace(/-[A-Z0-9]{8}(\.\w+)$/, "$1")] = file;
  }
}

const symbols = readFileSync(join(here, "src/icons.txt"), "utf8").split(/\s+/).filter(Boolean).sort().map((name) => {
  const svg = readFileSync(join(modules, "bootstrap-icons/icons", `${name}.svg`), "utf8");
  const body = svg.slice(svg.indexOf(">") + 1, svg.lastIndexOf("</svg>")).replace(/\s*\n\s*/g, "");
  return `<symbol id="${name}" viewBox="0 0 16 16">${body}</symbol>`;
});
writeHashed("icons.svg", `<svg xmlns="http://www.w3.org/2000/svg" fill="currentColor">${symbols.join("")}</svg>\n`);

// What is shipped in the bundles, with the licence text of each package.
const shipped = new Set(["@fontsource/sarabun", "bootstrap", "bootstrap-icons"]);
for (const input of Object.keys(result.metafile.inputs)) {
  const match = input.match(/node_modules\/((?:@[^/]+\/)?[^/]+)\//g)?.at(-1);
  if (match) shipped.add(match.slice("node_modules/".length, -1));
}
const texts = [...shipped].sort().map((name) => {
  const folder = join(modules, name);
  const { version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const licence = readdirSync(folder).find((file) => /^licen[sc]e/i.test(file));
  const text = licence ? readFileSync(join(folder, licence), "utf8").trim() : `Licence: ${license}`;
  return `${name} ${version} (${license})\n${"-".repeat(72)}\n${text}\n`;
});
writeFileSync(join(out, "third-party-licences.txt"), texts.join("\n\n"));
manifest["third-party-licences.txt"] = "third-party-licences.txt";

writeFileSync(join(out, "manifest.json"), `${JSON.stringify(manifest, Object.keys(manifest).sort(), 2)}\n`);
