// A frame that scrolls sideways says so; also one that is opened later, and after the window was turned.
function signed(frame) {
  const sign = make("p", { class: "small sideways", "aria-hidden": "true" }, "more to the right: scroll sideways →");
  const look = () => { sign.hidden = frame.scrollWidth <= frame.clientWidth + 1; };
  const watch = new ResizeObserver(look);
  frame.before(sign);
  [frame, frame.firstElementChild].forEach((one) => watch.observe(one));
  look();
}

document.querySelectorAll(".scroll, .wide, .cards-on-phone").forEach(signed);
