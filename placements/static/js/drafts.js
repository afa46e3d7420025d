// Keeps what is typed into the form of a new visit: on the server and, where it cannot be reached, on this phone, which
// hands it over as soon as it can. What is kept here is named after the person and the form, so it is sent once.
const PAUSE = 1000; // milliseconds without typing, after which what was typed is saved
const AGAIN = 10000; // until a save that found no connection is tried once more
const NEVER = new Set(["csrf_token", "files", "do"]);

const part = document.getElementById("drafts");
const ours = `draft:${part.dataset.person}:`;
const form = part.closest("form");
let timer;
let saving;
let isStale = false; // something was typed since the last save began

if (form) {
  form.addEventListener("input", () => later(PAUSE));
  form.addEventListener("change", () => later(PAUSE));
  form.addEventListener("submit", sending);
  addEventListener("online", () => later(0));
  addEventListener("pagehide", () => isStale && keepHere());
  if (part.dataset.keep) later(0);
}
handOver();

// What an earlier page left here: the server takes it, and offers it on the student's own pages from then on.
async function handOver() {
  let isNew = false;
  for (const name of keptHere()) {
    if (name === ours + keyOf(form)) continue; // the page that is open says more
    const kept = JSON.parse(localStorage.getItem(name));
    const answer = await post(kept.to, new URLSearchParams(kept.typed));
    if (!answer) continue;
    localStorage.removeItem(name);
    isNew ||= !answer.is_sent;
  }
  if (isNew && !form) location.reload();
  else if (isNew) document.getElementById("begun").hidden = false;
}

function later(wait) {
  isStale = true;
  clearTimeout(timer);
  timer = setTimeout(save, wait);
}

// One save at a time; what is typed meanwhile is saved by the next.
async function save() {
  clearTimeout(timer);
  if (saving) return;
  isStale = false;
  keepHere();
  saving = post(part.dataset.to, typed());
  const answer = await saving;
  saving = undefined;
  if (answer) {
    if (!isStale) localStorage.removeItem(ours + keyOf(form));
    say(answer.is_sent ? "This visit is in your log." : `Saved ${answer.saved_at}. Not sent yet.`);
  } else {
    say("Saved on this phone, not sent yet.");
  }
  if (isStale) later(0);
  else if (!answer) later(AGAIN);
}

// The server's answer; nothing where there is no connection, or nobody is signed in any more.
async function post(to, body) {
  try {
    body.set("csrf_token", part.dataset.token);
    const answer = await fetch(to, { method: "POST", body, redirect: "error" });
    return answer.ok ? await answer.json() : undefined;
  } catch {
    return undefined;
  }
}

// A form that is sent stays here until the server says that it has it; without a connection it is not sent at all.
function sending(event) {
  clearTimeout(timer);
  isStale = false;
  keepHere();
  if (!navigator.onLine) {
    event.preventDefault();
    say("Saved on this phone, not sent yet. Press the button again once you are connected, here or when you come back.");
    later(AGAIN);
  } else if (saving) {
    event.preventDefault();
    saving.then(() => form.requestSubmit(event.submitter));
  }
}

function keepHere() {
  const kept = { to: part.dataset.to, typed: [...typed()] };
  try {
    localStorage.setItem(ours + keyOf(form), JSON.stringify(kept));
  } catch {
    // a full or closed store: the page itself still holds what is typed
  }
}

function typed() {
  return new URLSearchParams([...new FormData(form)].filter(([name]) => !NEVER.has(name)));
}

function keptHere() {
  return Object.keys(localStorage).filter((name) => name.startsWith(ours));
}

function keyOf(page) {
  return page?.elements.form_key.value;
}

function say(words) {
  const place = document.getElementById("saved");
  if (place.textContent !== words) place.textContent = words;
}
