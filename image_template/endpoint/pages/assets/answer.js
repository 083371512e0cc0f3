// Six digits are for people; the response body has all of them.
const rounded = (number) =>
  typeof number === "number" && !Number.isInteger(number)
    ? String(Number(number.toPrecision(6)))
    : String(number);

const percent = (share) => {
  if (share === null) return "–";
  return share > 0 && share < 0.0005 ? "< 0.1 %" : (100 * share).toFixed(1) + " %";
};

const shares = (probabilities) => {
  const ranked = Object.entries(probabilities).sort((a, b) => b[1] - a[1]);
  const list = element("ul", undefined, "shares");
  for (const [name, share] of ranked.slice(0, 10)) {
    const line = element("li");
    const bar = element("div", undefined, "bar");
    const full = element("div");
    full.style.width = 100 * (share ?? 0) + "%";
    bar.append(full);
    line.append(element("bdi", name), element("span", percent(share), "share"), bar);
    list.append(line);
  }
  const rest = ranked.length - 10;
  return rest > 0 ? [list, element("p", `and ${rest} more in the response body`, "soft")] : [list];
};

// A single value on a scale with the earlier ones of this visit, so that they can be compared.
const seen = [];

const scale = (value) => {
  const { half, most } = document.getElementById("answer").dataset;
  if (!Number.isFinite(value)) return [];
  seen.push(value);
  const reach = Number(most ?? 0);
  if (!reach && seen.length < 2) return [];
  const low = Math.min(...seen) - reach;
  const high = Math.max(...seen) + reach;
  const at = (one) => (100 * (one - low)) / (high - low || 1);
  const line = element("div", undefined, "scale");
  const mark = (from, to, className) => {
    const node = element("div", undefined, className);
    node.style.left = at(from) + "%";
    if (to > from) node.style.width = at(to) - at(from) + "%";
    line.append(node);
  };
  if (reach) mark(value - reach, value + reach, "most");
  if (reach) mark(value - half, value + Number(half), "half");
  for (const one of seen.slice(0, -1)) mark(one, one, "earlier");
  mark(value, value, "point");
  const ends = element("div", undefined, "ends");
  ends.append(element("span", rounded(low)), element("span", rounded(high)));
  const nodes = [line, ends];
  if (reach) {
    const text =
      `Of the held-out rows, half were within ± ${rounded(Number(half))} of their predictions, ` +
      `and nine of ten within ± ${rounded(reach)}.`;
    nodes.push(element("p", text, "soft"));
  }
  return nodes;
};

const outlierText = (outlier) => {
  if (outlier === undefined) return undefined;
  return outlier ? "an outlier" : "no outlier";
};

const verdict = (prediction) =>
  prediction.class_name ??
  prediction.value ??
  prediction.cluster ??
  outlierText(prediction.outlier);

const listed = (values) => {
  const list = element("dl");
  for (const [name, one] of Object.entries(values))
    list.append(element("dt", name), element("dd", written(one)));
  return list;
};

const written = (one) => (typeof one === "number" ? rounded(one) : JSON.stringify(one));

const shown = (found) => (typeof found === "string" ? found : written(found));

const predictionNodes = (prediction, { single = true } = {}) => {
  const nodes = [];
  const found = verdict(prediction);
  if (found !== undefined) nodes.push(element("p", shown(found), "verdict good"));
  if (single && typeof prediction.value === "number") nodes.push(...scale(prediction.value));
  if (prediction.probabilities) nodes.push(...shares(prediction.probabilities));
  for (const more of [prediction.decision_values, prediction.values])
    if (more) nodes.push(listed(more));
  if (typeof prediction.score === "number") nodes.push(listed({ score: prediction.score }));
  for (const [name, output] of Object.entries(prediction.outputs ?? {}))
    nodes.push(element("h3", name), ...predictionNodes(output, { single: false }));
  if (!nodes.length) nodes.push(element("pre", JSON.stringify(prediction, null, 2)));
  return nodes;
};

// JSON text with line breaks; its numbers keep all of their digits.
const indented = (json) => {
  let depth = 0;
  const line = () => "\n" + "  ".repeat(depth);
  const tokens = json.match(/"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/g) ?? [];
  const parts = tokens.map((token, n) => {
    if ("{[".includes(token)) {
      depth += 1;
      return "]}".includes(tokens[n + 1] ?? "") ? token : token + line();
    }
    if ("]}".includes(token)) {
      depth -= 1;
      return "{[".includes(tokens[n - 1] ?? "") ? token : line() + token;
    }
    if (token === ",") return token + line();
    return token === ":" ? ": " : token;
  });
  return parts.join("");
};

const warningNodes = (warnings = []) =>
  warnings.map((one) => element("p", `${one.column}: ${one.detail}`, "soft warning"));

const problemNodes = (status, body) => {
  const title = status + " " + (body.title ?? body.message ?? "");
  const nodes = [element("p", title, "verdict bad")];
  const errors = body.errors ?? [];
  if (errors.length < 2) return [...nodes, element("p", body.detail ?? "")];
  const list = element("ul");
  for (const one of errors) {
    const where = [`row ${one.row}`, one.column].filter((part) => part !== undefined).join(", ");
    list.append(element("li", `${where}: expected ${one.expected}, got ${one.got}`));
  }
  return [...nodes, list];
};

const details = (text) => {
  const node = element("details");
  node.append(element("summary", "Response body"), element("pre", indented(text)));
  return node;
};

// Returns the status, the body's text, and what it says.
const post = async (contentType, body) => {
  const { path } = document.getElementById("try").dataset;
  // The page may be served below a stage's path.
  const root = location.pathname.replace(/\/$/, "");
  const headers = { "content-type": contentType };
  const response = await fetch(root + path, { method: "POST", headers, body });
  const text = await response.text();
  try {
    return { status: response.status, text, body: JSON.parse(text) };
  } catch {
    return { status: response.status, text: JSON.stringify(text), body: { detail: text } };
  }
};
