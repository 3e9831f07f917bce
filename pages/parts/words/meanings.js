// A term in a sentence is a link with its meaning as title. Chosen by click, touch or key, it opens the meaning there.
const GAP = 6; // px between the term and its meaning, and to the edge of the window

function opened(link) {
  const note = document.createElement("div");
  Object.assign(note, { className: "meaning", popover: "auto", role: "note", tabIndex: -1 });
  const term = document.createElement("strong");
  term.textContent = link.textContent;
  note.append(term, `: ${link.title}`);
  document.querySelector(".stApp").append(note);
  note.showPopover();
  return note;
}

function place(note, link) {
  const { left, top, bottom } = link.getClientRects()[0];
  const { width, height } = note.getBoundingClientRect();
  const below = bottom + GAP + height < innerHeight || top < height;
  note.style.left = `${Math.max(GAP, Math.min(left, innerWidth - width - GAP))}px`;
  note.style.top = `${below ? bottom + GAP : top - GAP - height}px`;
}

export default function () {
  if (document.documentElement.dataset.meanings) return;
  document.documentElement.dataset.meanings = "open";
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.('a[href="#meaning"]');
    if (!link) return;
    event.preventDefault();
    event.stopPropagation();
    const note = opened(link);
    place(note, link);
    note.focus({ preventScroll: true });
    note.addEventListener("toggle", ({ newState }) => { if (newState === "closed") note.remove(); });
    document.addEventListener("scroll", () => note.isConnected && note.hidePopover(), { capture: true, once: true });
  }, true);
}
