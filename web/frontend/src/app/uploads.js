// Uploads: how far they are, the size checked before sending, and the new edition chosen in the form beside it.

export function startUploads(htmx) {
  // Before htmx hears of it: what is too large is not sent at all.
  document.addEventListener(
    "submit",
    (event) => {
      if (!event.target.matches("form[data-upload]") || fits(event.target)) return;
      event.preventDefault();
      event.stopImmediatePropagation();
    },
    { capture: true },
  );

  document.addEventListener("htmx:xhr:progress", (event) => {
    const form = event.target.closest?.("form[data-upload]");
    if (!form) return;
    const { loaded, total, lengthComputable } = event.detail;
    show(form, lengthComputable && total > 0 ? Math.round((loaded / total) * 100) : 0);
  });

  // What was refused comes back as the same form with words beside the field: it is shown, not only reported.
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (event.detail.requestConfig?.elt?.matches?.("form[data-upload]") && [422, 503].includes(event.detail.xhr.status)) {
      event.detail.shouldSwap = true;
      event.detail.isError = false;
    }
  });

  for (const over of ["htmx:afterRequest", "htmx:xhr:abort", "htmx:sendError"]) {
    document.addEventListener(over, (event) => {
      const bar = event.target.closest?.("form[data-upload]")?.querySelector("[data-upload-progress]");
      if (bar) bar.hidden = true;
    });
  }

  document.addEventListener("click", (event) => {
    const cancel = event.target.closest("[data-upload-cancel]");
    if (cancel) htmx.trigger(cancel.closest("form"), "htmx:abort");
  });

  // Response header HX-Trigger: {"reference-added": {"kind": "edition", "value": "2", "label": "…"}}
  document.addEventListener("reference-added", (event) => {
    const { kind, value, label } = event.detail;
    for (const select of document.querySelectorAll(`select[data-reference="${CSS.escape(kind)}"]`)) {
      if (select.disabled || select.closest("fieldset[disabled]")) continue;
      let option = [...select.options].find((known) => known.value === value);
      if (!option) {
        option = new Option(label, value);
        select.options[0].textContent = select.dataset.choose;
        select.options[0].after(option);
      }
      option.textContent = label;
      select.value = value;
      select.dispatchEvent(new Event("input", { bubbles: true }));
      select.dispatchEvent(new Event("change", { bubbles: true })); // the draft keeps it
    }
  });
}

function fits(form) {
  const input = form.querySelector('input[type="file"]');
  const limit = Number(form.dataset.uploadLimit);
  const files = [...input.files];
  const total = files.reduce((sum, file) => sum + file.size, 0);
  const error = document.getElementById(`${input.id}-error`);
  if (total <= limit) {
    error.hidden = true;
    return true;
  }
  const largest = files.reduce((one, other) => (other.size > one.size ? other : one));
  error.querySelector("[data-upload-error]").textContent = form.dataset.uploadTooLarge.replace("{name}", largest.name);
  error.hidden = false;
  input.focus();
  return false;
}

function show(form, percent) {
  const bar = form.querySelector("[data-upload-progress]");
  bar.hidden = false;
  bar.querySelector("progress").value = percent;
  const words = bar.querySelector("[data-upload-words]");
  words.textContent = percent < 100 ? words.dataset.sending.replace("{percent}", percent) : words.dataset.checking;
}
