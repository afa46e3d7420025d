// Marking by keyboard: keys through the criteria and scripts, comments put where one writes, and what is typed saved on
// the server. The page works without it. What the scores come to is said by the server alone.
const PAUSE = 1000; // milliseconds without typing, after which what was typed is saved
const AGAIN = 10000; // until a save that found no connection is tried once more
const STORED = "desk-keys-off";
const parts = [...document.querySelectorAll("[data-criterion]")];
const form = document.querySelector("[data-marking]")?.closest("form");
const keys = document.querySelector("[data-keys]");
let timer;
let saving;
let isStale = false; // something was typed since the last save began
let isOver = false; // this page saves nothing any more: it is being sent, or somebody else saved the mark

for (const list of document.querySelectorAll("[data-bank]")) {
  list.addEventListener("change", () => {
    const text = list.selectedOptions[0]?.dataset.text;
    const field = document.getElementById(list.dataset.bank);
    if (!text || !field) return;
    if (!field.value.includes(text)) field.value = field.value.trim() ? `${field.value.trimEnd()}\n\n${text}` : text;
    list.value = "";
    field.focus();
    later(PAUSE);
  });
}

if (form) {
  form.addEventListener("input", () => later(PAUSE));
  form.addEventListener("submit", sending);
  addEventListener("pagehide", () => isStale && !isOver && post(true));
}

function later(wait) {
  isStale = true;
  clearTimeout(timer);
  if (!isOver) timer = setTimeout(save, wait);
}

// One save at a time; what is typed meanwhile is saved by the next, over the version that the last one made.
async function save() {
  clearTimeout(timer);
  if (saving || isOver) return;
  isStale = false;
  saving = post(false);
  const answer = await saving;
  saving = undefined;
  if (isOver) return;
  if (answer?.saved_at) {
    form.elements.version.value = answer.version;
    document.getElementById("comes-to").textContent = answer.comes_to;
    say(`Saved ${answer.saved_at}.`);
  } else if (answer?.is_conflict) {
    isOver = true;
    say(`${answer.said} Press “Save draft” to see both.`);
  } else if (answer) {
    say(`Not saved yet. ${answer.said}`);
  } else {
    say("Not saved: there is no connection, or you are signed out. Keep this page open, or press “Save draft”.");
    later(AGAIN);
    return;
  }
  if (isStale) later(0);
}

async function post(isLeaving) {
  const body = new URLSearchParams([...new FormData(form)].filter(([, value]) => typeof value === "string"));
  try {
    const headers = { Accept: "application/json" };
    const answer = await fetch(form.action, { method: "POST", body, headers, redirect: "error", keepalive: isLeaving });
    const said = await answer.json();
    return { ...said, is_conflict: answer.status === 409 };
  } catch {
    return undefined;
  }
}

// What is being saved arrives first, so that the page is not taken for somebody else's.
function sending(event) {
  clearTimeout(timer);
  if (saving) {
    event.preventDefault();
    const button = event.submitter;
    saving.then(() => form.requestSubmit(button));
    return;
  }
  isOver = true;
}

function say(words) {
  document.getElementById("saved").textContent = words;
}

function here() {
  return parts.find((part) => part.contains(document.activeElement));
}

function go(by) {
  const at = parts.indexOf(here());
  const next = parts[Math.min(Math.max(at + by, 0), parts.length - 1)];
  next?.focus();
  next?.scrollIntoView({ block: "start" });
}

function field(kind) {
  return here()?.querySelector(kind);
}

function press(name) {
  [...(form?.querySelectorAll("button[type=submit]") ?? [])].find((button) => button.textContent.trim() === name)?.click();
}

const ACTS = {
  j: () => go(1),
  k: () => go(-1),
  c: () => field("textarea")?.focus(),
  b: () => field("[data-bank]")?.focus(),
  s: () => press("Save draft"),
  g: () => press("Submit the mark"),
  n: () => document.querySelector("[data-way=n]")?.click(),
  p: () => document.querySelector("[data-way=p]")?.click(),
};

if (keys) {
  const box = keys.querySelector("input");
  box.checked = !localStorage.getItem(STORED);
  box.addEventListener("change", () =>
    box.checked ? localStorage.removeItem(STORED) : localStorage.setItem(STORED, "yes"),
  );
  keys.hidden = false;
  document.addEventListener("keydown", (event) => {
    if (!box.checked || event.ctrlKey || event.metaKey || event.altKey) return;
    const isTyping = event.target.closest("textarea, select, input:not([type=checkbox]):not([type=radio])");
    if (isTyping) {
      if (event.key === "Escape" || (event.key === "Enter" && isTyping.matches("input"))) {
        event.preventDefault();
        here()?.focus();
      }
      return;
    }
    if (/^[0-9]$/.test(event.key)) {
      const score = field("[name^=score_]");
      if (score) typeScore(score, event);
      return;
    }
    const act = ACTS[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });
}

// The first digit of a score takes the place of what stood there; further ones go on in the field.
function typeScore(score, event) {
  if (score.matches("select, [type=radio]")) return score.focus();
  event.preventDefault();
  score.focus();
  score.value = event.key;
  score.dispatchEvent(new Event("input", { bubbles: true }));
}
