// The frame's few conveniences. Every page works without this file.
"use strict";

(() => {
  const KEY = "draft:" + location.pathname;

  // Switching language or mode reloads the page: what was typed is kept for that one reload.
  const fields = () => [...document.querySelectorAll("main form[method=post] :is(input, select, textarea)")]
    .filter((field) => field.name && !["hidden", "password", "file", "submit"].includes(field.type));

  const keep = () => {
    const draft = fields().map((field, place) => ({
      place, name: field.name,
      value: field.value, checked: Boolean(field.checked),
    }));
    if (draft.length) sessionStorage.setItem(KEY, JSON.stringify(draft));
  };

  const restore = () => {
    const kept = sessionStorage.getItem(KEY);
    if (!kept) return;
    sessionStorage.removeItem(KEY);
    const present = fields();
    for (const { place, name, value, checked } of JSON.parse(kept)) {
      const field = present[place];
      if (!field || field.name !== name) continue;
      if (["checkbox", "radio"].includes(field.type)) field.checked = checked;
      else field.value = value;
    }
  };

  for (const form of document.querySelectorAll("form[data-keeps-draft]")) {
    form.addEventListener("submit", keep);
  }
  restore();

  // What is wrong comes first, for eyes and for screen readers.
  document.querySelector("[data-focus]")?.focus();

  // A swap is silent to a screen reader: what the new part says of itself is announced.
  document.addEventListener("htmx:afterSwap", (event) => {
    const said = event.detail.elt?.closest("[data-announce]") ?? event.detail.elt?.querySelector("[data-announce]");
    if (said) document.getElementById("announcer").textContent = said.dataset.announce;
  });
})();
