// The script of every page: htmx, keyboard, drafts, inbox; each works on what the server has rendered.
import htmx from "htmx.org";
import { startBell } from "./bell.js";
import { startBoard } from "./board.js";
import { startDialogs } from "./dialogs.js";
import { startDrafts } from "./drafts.js";
import { startDiagrams } from "./diagrams.js";
import { startInbox } from "./inbox.js";
import { startKeyboard } from "./keyboard.js";
import { startLists } from "./lists.js";
import { startSessions } from "./sessions.js";
import { startProgress } from "./progress.js";
import { startUnits } from "./units.js";
import { startTabs } from "./tabs.js";
import { startUploads } from "./uploads.js";

document.addEventListener("htmx:configRequest", (event) => {
  event.detail.headers["X-CSRFToken"] = document.querySelector('meta[name="csrf-token"]').content;
});

// An answer that is an error page is shown whole: what happened must never be swallowed by a part of a page.
document.addEventListener("htmx:responseError", (event) => {
  const { xhr } = event.detail;
  if (!xhr.getResponseHeader("Content-Type")?.startsWith("text/html")) return;
  const page = new DOMParser().parseFromString(xhr.responseText, "text/html");
  const message = page.querySelector("[data-error-message]");
  const place = document.querySelector("#messages");
  if (message && place) {
    const shown = document.importNode(message, true);
    shown.hidden = false;
    place.replaceChildren(shown);
    place.scrollIntoView({ block: "nearest" });
  }
});

// The line was cut: say so where the eye is, and what is safe.
document.addEventListener("htmx:sendError", () => {
  const notice = document.querySelector("#offline-notice");
  if (notice) notice.hidden = false;
});
document.addEventListener("htmx:afterOnLoad", () => {
  const notice = document.querySelector("#offline-notice");
  if (notice) notice.hidden = true;
});

startProgress();
startSessions();
startDialogs();
startDrafts();
startDiagrams();
startLists();
startBoard();
startUnits();
startBell(htmx);
startInbox(htmx);
startKeyboard();
startUploads(htmx);
startTabs();
