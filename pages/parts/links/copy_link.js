// Copies the address of the page, with the run that is shown where the address does not name it.

const SAID = 2000, READ = 6000; // ms that "Copied" is shown, and what is to be read
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
  const say = (text, long = SAID) => {
    clearTimeout(back);
    words.textContent = text;
    told.hidden = false;
    told.textContent = text;
    back = setTimeout(() => {
      words.textContent = "Copy link";
      told.textContent = "";
    }, long);
  };
  const copied = () => (HERE ? say("Copied, for this machine only", READ) : say("Copied"));
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
