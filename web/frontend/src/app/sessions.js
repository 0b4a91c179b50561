// A session that has ended must not cost what is being typed: sign in again in another window, come back, and it goes on.

let ended = false;

export function startSessions() {
  const kept = document.querySelector("form[data-session-ended]"); // the answer to a form that came too late
  ended = kept !== null;
  document.addEventListener("htmx:responseError", (event) => {
    if (event.detail.xhr.getResponseHeader("X-Saanphaen-Problem") === "session") ended = true;
  });
  window.addEventListener("focus", goOn);
  document.addEventListener("visibilitychange", goOn);
}

async function goOn() {
  if (!ended || document.visibilityState === "hidden") return;
  const kept = document.querySelector("form[data-session-ended]");
  const url = kept?.dataset.tokenUrl ?? document.documentElement.dataset.tokenUrl;
  const answer = await fetch(url, { redirect: "manual", cache: "no-store" });
  if (!answer.ok) return; // not signed in again yet
  const { token } = await answer.json();
  document.querySelector('meta[name="csrf-token"]').content = token;
  for (const input of document.querySelectorAll('input[name="csrf_token"]')) input.value = token;
  ended = false;
  document.querySelector("#messages")?.replaceChildren();
  if (kept) {
    const send = kept.querySelector("button[disabled]");
    const said = kept.querySelector("[data-session-back]");
    said.textContent = said.dataset.sessionBack;
    send.disabled = false;
    send.focus();
  }
  for (const form of document.querySelectorAll("form[data-draft]")) form.dispatchEvent(new Event("input", { bubbles: true }));
}
