// Opens the form that a narrow screen has put away, and puts it away again when the button beside it has been pressed.

const NARROW = "(max-width: 768px)"; // as in style.css, and as Streamlit has it
const press = (testid) => document.querySelector(`[data-testid=${testid}]`)?.click();

export default function ({ parentElement }) {
  const button = parentElement.querySelector("button");
  const started = (event) => {
    if (matchMedia(NARROW).matches && event.target.closest(".st-key-starting .st-key-go button")) close();
  };
  const close = () => document.querySelector("[data-testid=stSidebarCollapseButton] button")?.click();
  button.onclick = () => press("stExpandSidebarButton");
  document.addEventListener("click", started);
  return () => document.removeEventListener("click", started);
}
