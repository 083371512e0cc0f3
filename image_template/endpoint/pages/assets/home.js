const answer = document.getElementById("answer");
const answers = document.getElementById("answers");
const shownRows = 200;
const keptVisits = 20;
const visits = [];

const busy = async (asked, place, work) => {
  const button = asked.querySelector("[type=submit]");
  button.disabled = true;
  try {
    await work();
  } catch (error) {
    place.replaceChildren(element("p", "The request failed: " + error.message, "verdict bad"));
  } finally {
    button.disabled = false;
  }
};

const inShort = (prediction) => {
  const found = verdict(prediction);
  const several = prediction.outputs ?? prediction.values;
  if (several) return Object.entries(several).map(namedShort).join("; ");
  if (found === undefined) return written(prediction);
  const share = prediction.probabilities?.[prediction.class_name];
  return shown(found) + (typeof share === "number" ? `, ${percent(share)}` : "");
};

const namedShort = ([name, one]) =>
  `${name}: ${one !== null && typeof one === "object" ? inShort(one) : shown(one)}`;

const tableOf = (head, rows) => {
  const table = element("table", undefined, "stacked");
  const top = element("tr");
  for (const name of head) {
    const one = element("th", name);
    one.scope = "col";
    top.append(one);
  }
  const body = element("tbody");
  for (const cells of rows) {
    const line = element("tr");
    cells.forEach((one, n) => {
      const place = element("td");
      place.dataset.label = head[n];
      place.append(one);
      line.append(place);
    });
    body.append(line);
  }
  const first = element("thead");
  first.append(top);
  table.append(first, body);
  return table;
};

const changed = (values, before) => {
  const fields = fieldsOf();
  const parts = values.flatMap((one, n) =>
    one === before[n] ? [] : [`${fields[n].dataset.name}: ${one === "" ? "empty" : one}`],
  );
  if (!parts.length) return before === example ? "the example" : "nothing";
  const rest = parts.length - 4;
  return parts.slice(0, 4).join(", ") + (rest > 0 ? ` and ${rest} more` : "");
};

const remember = (values, result) => {
  visits.unshift({ number: (visits[0]?.number ?? 0) + 1, values, result });
  visits.splice(keptVisits);
  const rows = visits.map((visit, n) => {
    const again = element("button", "Use again", "second");
    again.type = "button";
    again.setAttribute("aria-label", `Use again: row ${visit.number}`);
    again.addEventListener("click", () => fill(visit.values));
    const before = visits[n + 1]?.values ?? example;
    return [String(visit.number), visit.result, changed(visit.values, before), again];
  });
  document.getElementById("history").replaceChildren(tableOf(["row", "result", "changed", "form"], rows));
  document.getElementById("visit").hidden = false;
};

const askOne = () => {
  const values = fieldsOf().map((field) => field.value);
  return busy(form, answer, async () => {
    const { status, text, body } = await post("application/json", '{"features": ' + row() + "}");
    const good = status === 200;
    const nodes = good
      ? [...predictionNodes(body.prediction), ...warningNodes(body.warnings)]
      : problemNodes(status, body);
    answer.replaceChildren(...nodes, details(text));
    remember(values, good ? inShort(body.prediction) : `${status} ${body.title ?? ""}`);
  });
};

const severalRows = document.getElementById("ask-rows");
const csv = document.getElementById("csv");

const rowTable = ({ predictions, warnings = [] }) => {
  const notes = (n) =>
    warnings
      .filter((one) => one.row === n)
      .map((one) => `${one.column}: ${one.detail}`)
      .join("; ");
  const rows = predictions.slice(0, shownRows).map((one, n) => [String(n), inShort(one), notes(n)]);
  const kept = warnings.length ? 3 : 2;
  const head = ["row", "prediction", "warnings"].slice(0, kept);
  return tableOf(
    head,
    rows.map((cells) => cells.slice(0, kept)),
  );
};

const askSeveral = () =>
  busy(severalRows, answers, async () => {
    const { status, text, body } = await post("text/csv", withCommas(csv.value));
    if (status !== 200) {
      answers.replaceChildren(...problemNodes(status, body), details(text));
      return;
    }
    const rest = body.predictions.length - shownRows;
    const more = rest > 0 ? [element("p", `and ${rest} more in the response body`, "soft")] : [];
    answers.replaceChildren(rowTable(body), ...more, details(text));
  });

// The code below the form sends what the form would send.
const bodies = {
  shell: (json) => "'" + json.replaceAll("'", `'"'"'`) + "'",
  python: (json) =>
    json.replace(
      /"(?:[^"\\]|\\.)*"|true|false|null/g,
      (token) => ({ true: "True", false: "False", null: "None" })[token] ?? token,
    ),
  javascript: (json) => "'" + json.replaceAll("\\", "\\\\").replaceAll("'", "\\'") + "'",
};

const updateCode = () => {
  const json = '{"features": ' + row() + "}";
  for (const node of document.querySelectorAll("[data-body]"))
    node.textContent = bodies[node.dataset.body](json);
};

const asks = (asked, ask) =>
  asked.addEventListener("submit", (event) => {
    event.preventDefault();
    ask();
  });

const start = () => {
  asks(form, askOne);
  asks(severalRows, askSeveral);
  form.addEventListener("input", updateCode);
  updateCode();
  for (const [id, values] of [
    ["sample", sampled],
    ["reset", () => example],
  ]) {
    const button = document.getElementById(id);
    button.hidden = false;
    button.addEventListener("click", () => fill(values()));
  }
  document.getElementById("sample-rows").addEventListener("click", () => {
    csv.value = csvOf(Array.from({ length: 5 }, sampled));
  });
  csv.placeholder = csvOf([example]);
};

if (form) start();
