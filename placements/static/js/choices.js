// Saves the page of choices while one works on it, and puts choices in order by dragging and by typed places at once.
// The server decides: what is sent is the page's own form, and what it answers says what to show.
import "./sortable-1.15.7.min.js";

const PAUSE = 1000; // milliseconds without typing, after which what was typed is saved
const AGAIN = 10000; // until a save that found no connection is tried once more

const saved = document.getElementById("saved");
const form = saved?.closest("form");
const list = document.getElementById("choices");
const captions = list ? [...list.children].map((item) => captionOf(item).textContent) : [];
let timer;
let sending;
let isStale = false; // something was typed or moved since the last save began

if (form) {
  form.addEventListener("input", ({ target }) => isPlace(target) || later(PAUSE));
  form.addEventListener("submit", afterSaving);
  document.addEventListener("visibilitychange", () => document.hidden && isStale && save());
}
if (list) {
  document.getElementById("drag-too").hidden = false;
  list.addEventListener("change", ({ target }) => isPlace(target) && moveToTyped(target));
  list.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && isPlace(event.target)) {
      event.preventDefault();
      moveToTyped(event.target);
    }
  });
  makeDraggable();
}

function makeDraggable() {
  let focused;
  for (const item of list.children) {
    const handle = document.createElement("span");
    handle.className = "handle";
    handle.setAttribute("aria-hidden", "true");
    item.prepend(handle);
  }
  list.addEventListener("pointerdown", () => (focused = document.activeElement), { capture: true });
  new Sortable(list, {
    handle: ".handle",
    forceFallback: true, // the same with a mouse as with a finger
    animation: matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : 150,
    ghostClass: "is-dragged",
    onEnd: ({ item, oldIndex, newIndex }) => {
      focused?.focus({ preventScroll: true });
      if (oldIndex !== newIndex) moved(item);
    },
  });
}

function moveToTyped(field) {
  const item = field.closest("#choices > li");
  const others = [...list.children].filter((each) => each !== item);
  const place = Number(field.value);
  if (!Number.isInteger(place) || place < 1) {
    later(0); // the server says what is wrong with it
  } else if (Math.min(place, others.length + 1) !== rankOf(item)) {
    list.insertBefore(item, others[place - 1] ?? null);
    field.focus();
    moved(item);
  }
}

// Each choice's fields are named after where it stands, so that the form says the order that is shown.
function moved(item) {
  for (const each of list.children) {
    const rank = rankOf(each);
    for (const field of each.querySelectorAll("[name]")) field.name = field.name.replace(/_\d$/, `_${rank}`);
    each.querySelector("[name^=place_]").value = rank;
    captionOf(each).textContent = captions[rank - 1];
  }
  const title = item.querySelector("h3").textContent.trim();
  document.getElementById("order-said").textContent =
    `“${title}” is now your ${captionOf(item).textContent.trim()} of ${list.children.length}.`;
  later(0);
}

function later(wait) {
  isStale = true;
  clearTimeout(timer);
  timer = setTimeout(save, wait);
}

// One save at a time: each is made of the version that the one before it left.
async function save() {
  clearTimeout(timer);
  if (sending) return;
  isStale = false;
  sending = send();
  const wait = await sending;
  sending = undefined;
  if (isStale) later(0);
  else if (wait) later(wait);
}

async function send() {
  const body = new URLSearchParams(new FormData(form));
  body.set("press", "save");
  let page;
  let answer;
  try {
    answer = await fetch(form.action, { method: "POST", body, keepalive: true });
    page = new DOMParser().parseFromString(await answer.text(), "text/html");
  } catch {
    say("Not saved yet: there is no connection. It is tried again.");
    return AGAIN;
  }
  const version = page.querySelector("[name=version]");
  if (answer.ok && version) {
    form.elements.version.value = version.value;
    say(page.getElementById("saved")?.textContent ?? "");
    document.querySelector(".lead").replaceWith(page.querySelector(".lead")); // whether this is what was submitted
    showButtons(page);
  } else {
    say(`Not saved. ${whyNot(page)}`);
  }
  return 0;
}

// What is typed here stays. The version does too, so that nothing saved elsewhere is replaced unseen.
function whyNot(page) {
  if (page.getElementById("other")) {
    return "Your choices were changed somewhere else. Press “Save for later” to see both.";
  }
  const why = page.querySelector(".govuk-error-summary li")?.textContent.trim();
  return why ? `${why}.` : "Sign in again in another window, then press “Save for later” here.";
}

// Which buttons a choice has depends on its place.
function showButtons(page) {
  for (const item of list?.children ?? []) {
    const made = page.getElementById(item.id)?.querySelector(".tags.order");
    const shown = item.querySelector(".tags.order");
    if (made && !shown.contains(document.activeElement)) shown.replaceWith(made);
  }
}

function afterSaving(event) {
  clearTimeout(timer);
  isStale = false;
  if (sending) {
    event.preventDefault();
    sending.then(() => form.requestSubmit(event.submitter));
  }
}

function say(words) {
  if (saved.textContent !== words) saved.textContent = words;
}

function isPlace(field) {
  return field.name?.startsWith("place_");
}

function captionOf(item) {
  return item.querySelector(".caption");
}

function rankOf(item) {
  return [...list.children].indexOf(item) + 1;
}
