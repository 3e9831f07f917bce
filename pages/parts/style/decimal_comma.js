// Browsers whose language is not the page's drop the comma of "0,5" in a field for numbers, and 05 is 5: it is read as a point.
export default function () {
  if (document.documentElement.dataset.commas) return;
  document.documentElement.dataset.commas = "points";
  document.addEventListener("beforeinput", (event) => {
    const field = event.composedPath()[0];
    if (!(field instanceof HTMLInputElement) || field.type !== "number" || !event.data?.includes(",")) return;
    event.preventDefault();
    document.execCommand("insertText", false, event.data.replaceAll(",", "."));
  }, true);
}
