// Copies the address of the page, with the run that is shown where the address does not name it.

const SAID = 2000, READ = 8000; // ms that "Copied" is shown, and what is to be read
const ALONE = "This link works on this machine only. For others, open the lab by the machine's name in your network, then copy.";
const HERE = ["localhost", "127.0.0.1", "[::1]"].includes(location.hostname); // nobody else can open such an address

function address(shown) {
  const url = new URL(location.href);
  const run = document.querySelector(`[class*="${shown}"]`);
  if (run && !url.searchParams.has("run")) {
    const name = [...run.classList].find((word) => word.startsWith(shown));
    url.searchParams.set("run", name.slice(shown.length));
  }
  return url.href;
}

export default function ({ parentElement, data }) {
  const [button, words, told, field] = ["button", "span", "output", "input"].map((name) => parentElement.querySelector(name));
  let back;
  const say = (text, more = "") => {
    clearTimeout(back);
    button.style.minWidth = `${button.offsetWidth}px`; // what stands beside it stays where it is
    words.textContent = text;
    told.hidden = false;
    told.className = more ? "read" : "";
    told.textContent = more ? `${text}. ${more}` : text;
    back = setTimeout(() => {
      words.textContent = "Copy link";
      told.className = told.textContent = "";
    }, more ? READ : SAID);
  };
  const copied = () => say("Copied", HERE ? ALONE : "");
  // Without a clipboard (no https, or not allowed) the address is selected; the older command may copy it yet.
  const show = (link) => {
    field.hidden = false;
    field.value = link;
    field.focus();
    field.select();
    if (document.execCommand("copy")) {
      field.hidden = true;
      copied();
    } else say("Press Ctrl+C");
  };
  button.onclick = async () => {
    const link = address(data.shown);
    try {
      await navigator.clipboard.writeText(link);
      field.hidden = true;
      copied();
    } catch {
      show(link);
    }
  };
  field.onblur = () => {
    field.hidden = true;
  };
  return () => clearTimeout(back);
}
