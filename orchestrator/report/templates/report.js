"use strict";
// Sort, filter and open instances. What is unpacked was escaped when the page was made; the page's policy runs no other script.
const table = document.getElementById("instances");
const body = table.tBodies[0];
const rows = [...body.rows];
const search = document.getElementById("search");
const state = document.getElementById("state");
const run = document.getElementById("run");
const count = document.getElementById("count");

function filter() {
  const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
  let shown = 0;
  for (const row of rows) {
    const text = row.textContent.toLowerCase();
    const fits = words.every((word) => text.includes(word))
      && (!state.value || row.dataset.state === state.value)
      && (!run || !run.value || row.dataset.run === run.value);
    row.hidden = !fits;
    shown += fits;
  }
  count.textContent = `${shown} of ${rows.length}`;
}

function sort(header) {
  const place = header.cellIndex;
  const up = header.getAttribute("aria-sort") !== "ascending";
  for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
  header.setAttribute("aria-sort", up ? "ascending" : "descending");
  const value = (row) => row.cells[place].dataset.v ?? row.cells[place].textContent;
  const number = header.classList.contains("n");
  const order = (a, b) => number ? Number(value(a)) - Number(value(b)) : value(a).localeCompare(value(b));
  rows.sort((a, b) => (up ? 1 : -1) * order(a, b));
  body.append(...rows);
}

const dialog = document.getElementById("instance");

async function open(key) {
  const packed = document.getElementById(`d-${key}`);
  if (!packed) return;
  const bytes = Uint8Array.from(atob(packed.textContent.trim()), (c) => c.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  document.getElementById("content").innerHTML = await new Response(stream).text();
  if (!dialog.open) dialog.showModal();
  dialog.scrollTop = 0;
}

function follow() {
  const key = location.hash.startsWith("#i-") ? location.hash.slice(3) : "";
  if (key) open(key); else if (dialog.open) dialog.close();
}

for (const header of table.tHead.rows[0].cells) header.querySelector("button").addEventListener("click", () => sort(header));
for (const control of [search, state, run]) for (const event of ["input", "change"]) control?.addEventListener(event, filter);
body.addEventListener("click", (event) => {
  const row = event.target.closest("tr[data-key]");
  if (row && !event.target.closest("a")) location.hash = `i-${row.dataset.key}`;
});
body.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && event.target.dataset.key) location.hash = `i-${event.target.dataset.key}`;
});
dialog.addEventListener("close", () => { if (location.hash.startsWith("#i-")) history.pushState(null, "", location.pathname + location.search); });
document.getElementById("close").addEventListener("click", () => dialog.close());
window.addEventListener("hashchange", follow);
filter();
follow();
