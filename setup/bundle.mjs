/** src/ → dist/: one entry that starts fast, and chunks that load when a command needs them. */
import { chmodSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { hashOf, root, step } from "./steps.mjs";

/**
 * Pulumi's SDK loads TypeScript and npm's own machinery to serialise closures, half a second that nothing here needs;
 * each is replaced by something that throws when touched. ssh2's native parts have a fallback in JavaScript.
 */
const unused = /^(typescript|ts-node|@npmcli\/arborist)$|typescript-shim(\.js)?$/;
const native = /^cpu-features$|\.node$/;
const stubs = {
  name: "stubs",
  setup(build) {
    build.onResolve({ filter: unused }, ({ path }) => ({ path, namespace: "stub" }));
    build.onResolve({ filter: native }, ({ path }) => ({ path, namespace: "native" }));
    // Not there, as where they were never compiled: what loads takes it that they can be used.
    build.onLoad({ filter: /.*/, namespace: "native" }, ({ path }) => ({
      contents: `throw new Error(${JSON.stringify(`${path} is not part of hailstack`)});`,
    }));
    build.onLoad({ filter: /.*/, namespace: "stub" }, ({ path }) => ({
      contents: `module.exports = new Proxy({}, { get(_, key) { if (key === "__esModule") return undefined; throw new Error(${JSON.stringify(`${path} is not part of hailstack`)}); } });`,
    }));
  },
};
/** Parts of Node that take longer to load than a config error takes to find: our code gets them by its first call. */
const heavyBuiltins = new Set(["node:crypto", "node:zlib", "node:child_process"]);
/**
 * An `import` of one of Node's own modules reads every one of its exports, and with that loads whatever hangs on them
 * (node:util alone brings workers, readline and a diff): a tenth of a second config error. `require` takes what is named.
 * Each importing file has its own copy, so that none becomes a chunk of its own.
 */
const requiredBuiltins = {
  name: "required-builtins",
  setup(build) {
    build.onResolve({ filter: /^node:/ }, ({ path, importer, kind }) => {
      if (kind !== "import-statement") return undefined;
      const ours = importer.startsWith(join(root, "src")) || /node_modules.commander/.test(importer);
      const late = ours && heavyBuiltins.has(path);
      return { path, namespace: "builtin", suffix: `?${importer}`, pluginData: { late } };
    });
    build.onLoad({ filter: /.*/, namespace: "builtin" }, async ({ path, pluginData: { late } }) => {
      const names = Object.entries(await import(path)).filter(([name]) => name !== "default");
      const take = ([name, value]) =>
        late && typeof value === "function"
          ? `export const ${name} = /* @__PURE__ */ late("${name}");`
          : `export const ${name} = /* @__PURE__ */ (() => real().${name})();`;
      const contents = [
        `const real = () => require("${path}");`,
        "const late = (name) => new Proxy(function () {}, {",
        "  apply: (_, self, args) => Reflect.apply(real()[name], self, args),",
        "  construct: (_, args) => Reflect.construct(real()[name], args),",
        "  get: (_, key) => Reflect.get(real()[name], key),",
        "});",
        ...names.map(take),
        `export default /* @__PURE__ */ ${late ? `(() => ({ ${names.map(([name]) => name).join(", ")} }))` : "real"}();`,
      ];
      return { contents: contents.join("\n"), resolveDir: root };
    });
  },
};
/** main.ts finds the rest beside it. */
const startApart = {
  name: "start-apart",
  setup: (build) => build.onResolve({ filter: /^\.\/start\.ts$/ }, () => ({ path: "./start.js", external: true })),
};

export async function buildCommandLine() {
  const dist = join(root, "dist");
  const hash = hashOf(["src", "setup/bundle.mjs", "package.json", "package-lock.json"]);
  await step("bundle", join(dist, ".hash"), hash, async () => {
    const { build } = await import("esbuild");
    // Built aside and swapped in: a build that fails leaves the last one whole.
    const fresh = join(root, `dist.${process.pid}`);
    const common = {
      outdir: fresh,
      bundle: true,
      platform: "node",
      format: "esm",
      target: "node22",
      minifySyntax: true,
      minifyWhitespace: true,
      legalComments: "none",
    };
    // By itself, so that `--help` is one small file: in one build with the rest it would share chunks with it.
    await build({ ...common, entryPoints: [join(root, "src/main.ts")], plugins: [startApart] });
    await build({
      ...common,
      entryPoints: [join(root, "src/start.ts")],
      splitting: true,
      plugins: [requiredBuiltins, stubs],
      chunkNames: "chunks/[name]-[hash]",
      // CommonJS packages inside an ES module expect these three.
      banner: {
        js: [
          'import { createRequire as __createRequire } from "node:module";',
          "const require = __createRequire(import.meta.url);",
          "const __filename = import.meta.filename;",
          "const __dirname = import.meta.dirname;",
        ].join(" "),
      },
    });
    chmodSync(join(fresh, "main.js"), 0o755);
    rmSync(dist, { recursive: true, force: true });
    renameSync(fresh, dist);
  });
}
