// The board: folding without a new page, and arrow keys from cell to cell; the address keeps what is folded.

export function startBoard() {
  const board = document.querySelector("[data-board]");
  if (!board) return;

  board.addEventListener("click", (event) => {
    const link = event.target.closest("[data-fold]");
    if (!link || event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    turn(board, link);
  });
  board.addEventListener("keydown", (event) => {
    const link = event.target.closest("[data-fold]");
    if (link && event.code === "Space") {
      event.preventDefault();
      turn(board, link);
      return;
    }
    const step = { ArrowRight: [0, 1], ArrowLeft: [0, -1], ArrowDown: [1, 0], ArrowUp: [-1, 0] }[event.code];
    const cell = event.target.closest(".board-row > *");
    if (step && cell && !event.altKey && !event.ctrlKey && !event.metaKey && move(board, cell, step)) event.preventDefault();
  });
}

function turn(board, link) {
  const { fold, level } = link.dataset;
  const folded = link.getAttribute("aria-expanded") === "true";
  link.setAttribute("aria-expanded", String(!folded));
  if (level === "region") {
    for (const body of board.querySelectorAll(`tbody[data-region="${CSS.escape(fold)}"]`)) body.hidden = folded;
  } else {
    for (const row of board.querySelectorAll(`tbody[data-cluster="${CSS.escape(fold)}"] .board-row`)) row.hidden = folded;
  }
  remember(board);
}

// The links of the other folds, the filter and a reload must all say the same.
function remember(board) {
  const links = [...board.querySelectorAll("[data-fold]")];
  const folded = links.filter((link) => link.getAttribute("aria-expanded") === "false").map((link) => link.dataset.fold).sort();
  const address = (codes) => {
    const url = new URL(window.location.href);
    url.searchParams.delete("fold");
    for (const code of codes) url.searchParams.append("fold", code);
    return url;
  };
  window.history.replaceState(null, "", address(folded));
  for (const link of links) {
    const code = link.dataset.fold;
    link.href = address(folded.includes(code) ? folded.filter((other) => other !== code) : [...folded, code]);
  }
  const form = document.querySelector(".board-filter");
  for (const input of form.querySelectorAll('input[name="fold"]')) input.remove();
  for (const code of folded) form.prepend(Object.assign(document.createElement("input"), { type: "hidden", name: "fold", value: code }));
}

function move(board, cell, [down, right]) {
  const rows = [...board.querySelectorAll(".board-row")].filter((row) => row.getClientRects().length > 0);
  let row = rows.indexOf(cell.parentElement);
  let column = [...cell.parentElement.children].indexOf(cell);
  for (;;) {
    row += down;
    column += right;
    const next = rows[row]?.children[column];
    if (!next) return false;
    const link = next.querySelector("a");
    if (link) {
      link.focus();
      next.scrollIntoView({ block: "nearest", inline: "nearest" });
      return true;
    }
  }
}
