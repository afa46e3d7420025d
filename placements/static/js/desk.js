// The tutor's desk: keys through the week's visits, and phrases put where one writes. The pages work without it.
const visits = [...document.querySelectorAll("[data-visit]")];
const keys = document.querySelector("[data-keys]");
const STORED = "desk-keys-off";

for (const list of document.querySelectorAll("[data-phrases]")) {
  list.addEventListener("change", () => {
    const text = list.selectedOptions[0]?.dataset.text;
    const field = document.getElementById(list.dataset.phrases);
    if (!text || !field) return;
    field.value = field.value.trim() ? `${field.value.trimEnd()}\n\n${text}` : text;
    list.value = ""; // it is in the field now, and would be sent twice
    field.focus();
  });
}

function go(by) {
  const at = visits.findIndex((visit) => visit.contains(document.activeElement));
  const next = visits[Math.min(Math.max(at + by, 0), visits.length - 1)];
  next.focus();
  next.scrollIntoView({ block: "start" });
}

const ACTS = {
  j: () => go(1),
  k: () => go(-1),
  c: (visit) => visit?.querySelector("[data-comment]").focus(),
  r: (visit) => visit?.querySelector("[data-read] button")?.click(),
};

if (keys && visits.length) {
  const box = keys.querySelector("input");
  box.checked = !localStorage.getItem(STORED);
  box.addEventListener("change", () =>
    box.checked ? localStorage.removeItem(STORED) : localStorage.setItem(STORED, "yes"),
  );
  keys.hidden = false;
  document.addEventListener("keydown", (event) => {
    const isTyping = event.target.closest("textarea, select, input:not([type=checkbox])");
    const act = ACTS[event.key];
    if (!act || isTyping || !box.checked || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    act(visits.find((visit) => visit.contains(document.activeElement)));
  });
}
