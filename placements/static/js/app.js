// Makes the server's pages nicer; everything works without it. Loaded as a module, so after the page is parsed.
import {
  Button,
  CharacterCount,
  Checkboxes,
  ErrorSummary,
  PasswordInput,
  Radios,
  SkipLink,
  createAll,
} from "./govuk-frontend-6.3.0.min.js";

document.body.classList.add("js-enabled", "govuk-frontend-supported");

createAll(Button, { preventDoubleClick: true });
for (const component of [CharacterCount, Checkboxes, ErrorSummary, PasswordInput, Radios, SkipLink]) {
  createAll(component);
}

// Whoever signs out leaves nothing that they typed on this phone.
document.querySelector("form[action='/sign-out']")?.addEventListener("submit", () => {
  for (const name of Object.keys(localStorage)) if (name.startsWith("draft:")) localStorage.removeItem(name);
});

// What is being worked out: ask again every two seconds, and load the page anew once it is done.
for (const part of document.querySelectorAll("[data-refresh]")) {
  const again = async () => {
    if (!document.hidden) {
      const answer = await fetch(part.dataset.refresh).catch(() => null);
      if (answer?.ok) {
        const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById(part.id);
        if (!fresh) return location.reload();
        if (fresh.textContent !== part.textContent) part.replaceChildren(...fresh.childNodes);
      }
    }
    return setTimeout(again, 2000);
  };
  setTimeout(again, 2000);
}
