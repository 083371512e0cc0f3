// What the scripts of all node clients share; see answers.py for the job and the answers.
import { readFileSync } from "node:fs";

export const job = JSON.parse(readFileSync(0, "utf8"));

export async function run(clients) {
  const found = {};
  for (const [name, call] of Object.entries(clients)) {
    found[name] = {};
    for (const [model, facts] of Object.entries(job.models)) {
      try {
        found[name][model] = await call(facts, model);
      } catch (error) {
        found[name][model] = { error: `${error.name}: ${error.message}` };
      }
    }
  }
  process.stdout.write(JSON.stringify(found));
}

// The answer in {"predictions": […]} of the endpoint's own format.
export function native(body) {
  const rows = body.predictions;
  const scores = (one) => Object.values(one.probabilities);
  if ("value" in rows[0]) return { predict: rows.map((one) => one.value) };
  if (!("outputs" in rows[0])) {
    return { predict: rows.map((one) => one.class_label), proba: rows.map(scores) };
  }
  const names = Object.keys(rows[0].outputs);
  return {
    predict: rows.map((one) => names.map((name) => one.outputs[name].class_label)),
    proba: names.map((name) => rows.map((one) => scores(one.outputs[name]))),
  };
}
