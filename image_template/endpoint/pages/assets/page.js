"use strict";
document.documentElement.classList.add("js");

const element = (tag, content, className) => {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (content !== undefined) node.textContent = content;
  return node;
};

const choose = (tab, focus) => {
  const tabs = [...tab.closest("[role=tablist]").children];
  for (const one of tabs) {
    const chosen = one === tab;
    one.setAttribute("aria-selected", String(chosen));
    one.tabIndex = chosen ? 0 : -1;
    document.getElementById(one.getAttribute("aria-controls")).classList.toggle("rest", !chosen);
  }
  if (focus) tab.focus();
};

// The arrow keys move between tabs: https://www.w3.org/WAI/ARIA/apg/patterns/tabs/
const steps = { ArrowLeft: -1, ArrowRight: 1 };

for (const list of document.querySelectorAll("[role=tablist]")) {
  list.addEventListener("click", (event) => {
    const tab = event.target.closest("[role=tab]");
    if (tab) choose(tab, false);
  });
  list.addEventListener("keydown", (event) => {
    const tabs = [...list.children];
    const step = steps[event.key];
    if (step) choose(tabs.at((tabs.indexOf(event.target) + step) % tabs.length), true);
  });
}

const copy = async (button) => {
  const content = button.parentElement.querySelector("pre");
  try {
    await navigator.clipboard.writeText(content.textContent);
  } catch {
    // Without permission, or on a page without TLS: select it for Ctrl+C.
    getSelection().selectAllChildren(content);
    if (!document.execCommand("copy")) return;
    getSelection().removeAllRanges();
  }
  button.textContent = "Copied";
  setTimeout(() => (button.textContent = "Copy"), 2000);
};

for (const button of document.querySelectorAll(".copy")) {
  button.hidden = false;
  button.addEventListener("click", () => copy(button));
}
