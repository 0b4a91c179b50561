// A session that has ended must not cost what is being typed: sign in again in another window, come back, and it goes on.

let ended = false;

export function startSessions() {
  document.addEventListener("htmx:responseError", (event) => {
    if (event.detail.xhr.getResponseHeader("X-Saanphaen-Problem") === "session") ended = true;
  });
  window.addEventListener("focus", goOn);
}

async function goOn() {
  if (!ended) return;
  const answer = await fetch(document.documentElement.dataset.tokenUrl, { redirect: "manual", cache: "no-store" });
  if (!answer.ok) return; // not signed in again yet
  const { token } = await answer.json();
  document.querySelector('meta[name="csrf-token"]').content = token;
  for (const input of document.querySelectorAll('input[name="csrf_token"]')) input.value = token;
  ended = false;
  document.querySelector("#messages")?.replaceChildren();
  for (const form of document.querySelectorAll("form[data-draft]")) form.dispatchEvent(new Event("input", { bubbles: true }));
}
