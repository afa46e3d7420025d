// Keeps the text of work that is not handed in: on the server and, where it cannot be reached, in this browser, which
// offers it again on the next visit. What was saved from another window meanwhile is never written over.
const PAUSE = 1000; // milliseconds without typing, after which what was typed is saved
const AGAIN = 10000; // until a save that found no connection is tried once more

const part = document.getElementById("work-draft");
const form = part.closest("form");
const { text, version } = form.elements;
const name = `draft:${part.dataset.person}:work-${part.dataset.of}`;
const file = form.querySelector("input[type=file]");
let timer;
let saving;
let isStale = false; // something was typed since the last save began
let isOld = false; // another window saved another text

offerWhatIsKept();
text.addEventListener("input", () => later(PAUSE));
addEventListener("online", () => isStale && later(0));
addEventListener("pagehide", () => isStale && keepHere());
form.addEventListener("submit", sending);

// What was typed here and never reached the server: back into the page, or beside it where the server has another text.
function offerWhatIsKept() {
  const kept = JSON.parse(localStorage.getItem(name) ?? "null");
  if (!kept) return;
  if (kept.text === text.value) {
    localStorage.removeItem(name);
  } else if (kept.state === state()) {
    text.value = kept.text;
    text.dispatchEvent(new Event("keyup", { bubbles: true })); // for the counter
    later(0);
  } else {
    const there = document.getElementById("kept-here");
    there.hidden = Boolean(kept.isSent); // what was sent has arrived, since there is something new
    there.querySelector(".long").textContent = kept.text;
    localStorage.removeItem(name);
  }
}

// What is on the server: it changes with every save and every handing in.
function state() {
  return `${version.value} ${part.dataset.receipt}`;
}

function later(wait) {
  isStale = true;
  clearTimeout(timer);
  if (!isOld) timer = setTimeout(save, wait);
}

// One save at a time; what is typed meanwhile is saved by the next.
async function save() {
  clearTimeout(timer);
  if (saving) return;
  isStale = false;
  keepHere();
  saving = post();
  const answer = await saving;
  saving = undefined;
  if (answer?.ok) {
    const said = await answer.json();
    version.value = said.version;
    if (!isStale) localStorage.removeItem(name);
    say(`Saved ${said.saved_at}. Not handed in yet.`);
  } else if (answer?.status === 409) {
    isOld = true;
    say("Not saved: your draft was changed in another window. Press “Save draft” to see both.");
  } else if (answer?.status === 422) {
    say((await answer.json()).problem.join(" "));
  } else {
    isStale = true;
    say("Kept in this browser only: we cannot reach the server, or you were signed out.");
    timer = setTimeout(save, AGAIN);
    return;
  }
  if (isStale) later(0);
}

async function post() {
  const body = new URLSearchParams({ csrf_token: part.dataset.token, do: "save", text: text.value });
  body.set("version", version.value);
  return fetch(part.dataset.to, { method: "POST", body, redirect: "error" }).catch(() => undefined);
}

// What is sent stays here until the server says that it has it.
function sending(event) {
  clearTimeout(timer);
  keepHere(true);
  isStale = false;
  if (!navigator.onLine) {
    event.preventDefault();
    say("You are not connected. Your text is kept in this browser. Press the button again once you are.");
  } else if (saving) {
    event.preventDefault();
    saving.then(() => setTimeout(() => form.requestSubmit(event.submitter)));
  } else if (file.files.length) {
    say("Sending your files. Keep this page open.");
  }
}

function keepHere(isSent = false) {
  try {
    localStorage.setItem(name, JSON.stringify({ text: text.value, state: state(), isSent }));
  } catch {
    // a full or closed store: the page itself still holds what is typed
  }
}

function say(words) {
  const place = document.getElementById("saved");
  if (place.textContent !== words) place.textContent = words;
}
