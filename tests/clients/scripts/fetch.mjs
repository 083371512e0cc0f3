// node's own fetch.
import { native, run } from "./answers.mjs";

async function fetchJson(model) {
  const response = await fetch(`${model.url}/predict`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ instances: model.rows }),
  });
  if (!response.ok) throw new Error(`${response.status}: ${await response.text()}`);
  return native(await response.json());
}

await run({ "node's fetch": fetchJson });
