// Adds and removes rows of a list in a form; the row to copy comes from the server in a <template>.

const ROW = "__row__";

export function startLists() {
  document.addEventListener("click", (event) => {
    const add = event.target.closest("[data-list-add]");
    if (add) addRow(add.closest("[data-list]"));
    const remove = event.target.closest("[data-list-remove]");
    if (remove) removeRow(remove.closest("[data-list-row]"));
  });
}

function addRow(list) {
  const rows = list.querySelector("[data-list-rows]");
  const ids = [...rows.querySelectorAll('input[type="hidden"][name$=":row"]')].map((input) => Number(input.value.slice(1)));
  const next = `n${Math.max(-1, ...ids) + 1}`;
  const copy = document.createElement("template");
  copy.innerHTML = list.querySelector("template").innerHTML.replaceAll(ROW, next);
  const row = copy.content.querySelector("[data-list-row]");
  rows.append(row);
  row.querySelector("input:not([type=hidden]), select, textarea")?.focus();
}

function removeRow(row) {
  const rows = row.parentElement;
  const form = row.closest("form");
  const next = row.nextElementSibling ?? row.previousElementSibling;
  row.remove();
  (next?.querySelector("input:not([type=hidden]), select, textarea") ?? rows).focus();
  form?.dispatchEvent(new Event("input", { bubbles: true })); // the draft must forget it too
}
