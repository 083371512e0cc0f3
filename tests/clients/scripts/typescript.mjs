// Clients that TypeScript's generators make from each endpoint's document. `tsc --strict` checks
// the document's types against a call with the rows written out, then node runs what it compiled.
import { execFileSync } from "node:child_process";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { job, native, run } from "./answers.mjs";

const CONFIG = {
  compilerOptions: {
    ...{ strict: true, target: "es2022", module: "nodenext", lib: ["es2022", "dom", "dom.iterable"] },
    ...{ skipLibCheck: true, outDir: "out", rootDir: ".", types: [] },
  },
  include: ["*.ts", "generated/**/*.ts"],
};
const TAIL = `
if (error || !data || !("predictions" in data)) {
  throw new Error(\`\${response?.status}: \${JSON.stringify(error ?? data)}\`);
}
console.log(JSON.stringify(data));
`;

function program(folder, name, ...rest) {
  try {
    const bin = join(job.node, ".bin", name);
    return execFileSync(bin, rest, { cwd: folder, encoding: "utf8", stdio: "pipe" });
  } catch (error) {
    throw new Error(`${name}: ${(error.stdout + error.stderr).slice(-1500)}`);
  }
}

async function prepared(model, folder) {
  mkdirSync(folder);
  symlinkSync(job.node, join(folder, "node_modules"));
  writeFileSync(join(folder, "package.json"), '{"type": "module"}');
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(CONFIG));
  const response = await fetch(`${model.url}/openapi.json`);
  const document = await response.json();
  writeFileSync(join(folder, "openapi.json"), JSON.stringify(document));
  return document;
}

function compiledAndRun(folder, text) {
  writeFileSync(join(folder, "call.ts"), text + TAIL);
  program(folder, "tsc");
  const file = join(folder, "out/call.js");
  try {
    return native(JSON.parse(execFileSync("node", [file], { encoding: "utf8", stdio: "pipe" })));
  } catch (error) {
    throw new Error(`${error.stderr ?? error.message}`.slice(-800));
  }
}

async function openapiFetch(model, name) {
  const folder = join(job.scratch, `fetch-${name}`);
  await prepared(model, folder);
  program(folder, "openapi-typescript", "openapi.json", "-o", "schema.ts");
  return compiledAndRun(
    folder,
    `import createClient from "openapi-fetch";
import type { paths } from "./schema.js";
const client = createClient<paths>({ baseUrl: "${model.url}" });
const { data, error, response } = await client.POST("/predict", {
  body: { instances: ${JSON.stringify(model.rows)} },
});`,
  );
}

async function heyApi(model, name) {
  const folder = join(job.scratch, `hey-${name}`);
  const document = await prepared(model, folder);
  const operation = document.paths["/predict"].post.operationId;
  const output = { path: "generated", importFileExtension: ".js" };
  const config = `export default ${JSON.stringify({ input: "openapi.json", output })};`;
  writeFileSync(join(folder, "openapi-ts.config.mjs"), config);
  program(folder, "openapi-ts", "--silent");
  return compiledAndRun(
    folder,
    `import { ${operation} } from "./generated/index.js";
const { data, error, response } = await ${operation}({
  baseUrl: "${model.url}",
  body: { instances: ${JSON.stringify(model.rows)} },
});`,
  );
}

await run({ "openapi-typescript, openapi-fetch": openapiFetch, "@hey-api/openapi-ts": heyApi });
