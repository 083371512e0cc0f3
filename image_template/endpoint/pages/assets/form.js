const form = document.getElementById("ask");

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

const fieldsOf = () => [...(form?.querySelectorAll("[data-dtype]") ?? [])];

const row = () => {
  const members = fieldsOf().map(
    (field) => JSON.stringify(field.dataset.name) + ": " + value(field),
  );
  return "{" + members.join(", ") + "}";
};

// Samples come from the signature alone: published ranges and values.
const between = (low, high) => low + Math.random() * (high - low);

const sampleNumber = ({ min, max, dtype }) => {
  const [low, high] = [Number(min), Number(max)];
  if (dtype === "integer") return String(Math.round(between(low, high)));
  // Two digits more than the range's own.
  const places = Math.max(0, 2 - Math.floor(Math.log10(high - low || 1)));
  return String(Number(between(low, high).toFixed(Math.min(places, 20))));
};

const sampleTime = ({ min, max }, isDate) => {
  const [low, high] = [min, max].map((end) => Date.parse(end + (isDate ? "" : "Z")));
  return new Date(between(low, high)).toISOString().slice(0, isDate ? 10 : 16);
};

const sampleValue = (field) => {
  const { min, max, dtype } = field.dataset;
  const options = [...(field.list ?? field).querySelectorAll("option")].map((one) => one.value);
  const known = options.filter((one) => one !== "");
  if (known.length) return known[Math.floor(Math.random() * known.length)];
  if (min === undefined) return field.defaultValue;
  if (dtype === "datetime") return sampleTime({ min, max }, field.type === "date");
  return sampleNumber({ min, max, dtype });
};

const sampled = () => fieldsOf().map(sampleValue);

const fill = (values) => {
  fieldsOf().forEach((field, n) => (field.value = values[n]));
  form.dispatchEvent(new Event("input"));
};

const example = fieldsOf().map((field) => field.value);

const quoted = (text) => '"' + text.replaceAll('"', '""') + '"';
const cell = (text) => (/[",\r\n\t]|^\s|\s$/.test(text) ? quoted(text) : text);

const csvOf = (rows) => {
  const fields = fieldsOf();
  const names = fields.map((field) => cell(field.dataset.name));
  const lines = rows.map((values) =>
    values.map((one, n) => cell(one && one + (fields[n].dataset.zone ?? ""))).join(","),
  );
  return [names.join(","), ...lines].join("\n") + "\n";
};

// A spreadsheet's copy has tabs. A line with both is left as it is.
const withCommas = (text) => {
  const [first] = text.split("\n", 1);
  if (!first.includes("\t") || first.includes(",")) return text;
  const lines = text.replace(/\r/g, "").replace(/\n$/, "").split("\n");
  return lines.map((line) => line.split("\t").map(cell).join(",")).join("\n") + "\n";
};
