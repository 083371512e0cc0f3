"use strict";
const form = document.getElementById("ask");
const answer = document.getElementById("answer");

const element = (tag, content, className) => {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (content !== undefined) node.textContent = content;
  return node;
};

const numeral = (typed) => {
  if (/^-?(0|[1-9][0-9]*)([.][0-9]+)?([eE][+-]?[0-9]+)?$/.test(typed)) return typed;
  const number = Number(typed);
  return JSON.stringify(Number.isFinite(number) ? number : typed);
};

// Values are JSON text: a JavaScript number would lose the last digits of a long integer.
const value = (field) => {
  const typed = field.value;
  switch (field.dataset.dtype) {
    case "number":
    case "integer":
      return typed.trim() === "" ? "null" : numeral(typed.trim());
    case "boolean":
      return typed === "" ? "null" : typed;
    case "datetime":
      return typed === "" ? "null" : JSON.stringify(typed + (field.dataset.zone ?? ""));
    default:
      return typed === "" && field.dataset.nullable ? "null" : JSON.stringify(typed);
  }
};

const row = () => {
  const fields = [...form.querySelectorAll("[data-dtype]")];
  const members = fields.map((field) => JSON.stringify(field.dataset.name) + ":" + value(field));
  return "{" + members.join(",") + "}";
};

const probabilityLines = (probabilities) => {
  const ranked = Object.entries(probabilities).sort((a, b) => b[1] - a[1]);
  return ranked.map(([name, probability]) => {
    const line = element("div", undefined, "share");
    const meter = element("meter");
    meter.min = 0;
    meter.max = 1;
    meter.value = probability;
    meter.setAttribute("aria-label", name);
    const percent = (100 * probability).toFixed(1) + " %";
    line.append(element("span", name), meter, element("span", percent));
    return line;
  });
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

const predictionNodes = (prediction) => {
  const nodes = [];
  const found = verdict(prediction);
  if (found !== undefined) nodes.push(element("p", String(found), "verdict good"));
  if (prediction.probabilities) nodes.push(...probabilityLines(prediction.probabilities));
  for (const [name, output] of Object.entries(prediction.outputs ?? {}))
    nodes.push(element("h3", name), ...predictionNodes(output));
  for (const [name, output] of Object.entries(prediction.values ?? {}))
    nodes.push(element("p", name + ": " + output));
  return nodes;
};

const show = (status, body) => {
  const nodes = [];
  if (status === 200) {
    nodes.push(...predictionNodes(body.prediction));
    for (const warning of body.warnings ?? [])
      nodes.push(element("p", warning.column + ": " + warning.detail, "soft"));
  } else {
    const title = status + " " + (body.title ?? body.message ?? "");
    nodes.push(element("p", title, "verdict bad"), element("p", body.detail ?? ""));
  }
  const details = element("details");
  const json = JSON.stringify(body, null, 2);
  details.append(element("summary", "Response body"), element("pre", json));
  answer.replaceChildren(...nodes, details);
};

form?.addEventListener("submit", async (event) => {
  event.preventDefault();
  const button = form.querySelector("button");
  button.disabled = true;
  try {
    // The page may be served below a stage's path.
    const root = location.pathname.replace(/\/$/, "");
    const response = await fetch(root + form.dataset.path, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: '{"features":' + row() + "}",
    });
    const text = await response.text();
    let body;
    try {
      body = JSON.parse(text);
    } catch {
      body = { detail: text };
    }
    show(response.status, body);
  } catch (error) {
    answer.replaceChildren(element("p", "The request failed: " + error.message, "verdict bad"));
  } finally {
    button.disabled = false;
  }
});
