// Postman's runner on the collection that Postman's converter imports from each document.
import { createRequire } from "node:module";
import { join } from "node:path";
import { job, native, run } from "./answers.mjs";

const require = createRequire(join(job.node, "x"));
const converter = require("openapi-to-postmanv2");
const newman = require("newman");

function imported(document) {
  return new Promise((resolve, reject) => {
    const options = { parametersResolution: "Example" };
    converter.convertV2({ type: "json", data: document }, options, (error, result) => {
      if (error || !result.result) reject(new Error(`not imported: ${error ?? result.reason}`));
      else resolve(result.output[0].data);
    });
  });
}

function ran(collection) {
  return new Promise((resolve, reject) => {
    newman.run({ collection }, (error, summary) => {
      if (error) reject(error);
      else resolve(summary.run.executions);
    });
  });
}

function requests(items) {
  return items.flatMap((one) => (one.item ? requests(one.item) : [one]));
}

const path = (execution) => execution.request.url.getPath();
const text = (execution) => execution.response?.stream?.toString() ?? String(execution.requestError);

async function collection(model) {
  const document = await (await fetch(`${model.url}/openapi.json`)).json();
  const made = await imported(document);
  // As it was imported: every request is one that the endpoint accepts.
  for (const one of await ran(made)) {
    if (one.response?.code !== 200) {
      const sent = one.request.body?.toString().slice(0, 200) ?? "";
      throw new Error(`${path(one)}: ${one.response?.code} ${text(one)} to ${sent}`);
    }
  }
  // Then with a body that a person types into it.
  const predict = requests(made.item).find((one) => one.request.url.path?.join("/") === "predict");
  predict.request.body = { mode: "raw", raw: JSON.stringify({ instances: model.rows }) };
  const [answer] = await ran({ ...made, item: [predict] });
  if (answer.response?.code !== 200) throw new Error(`${answer.response?.code} ${text(answer)}`);
  return native(JSON.parse(text(answer)));
}

await run({ "Postman's newman, imported collection": collection });
