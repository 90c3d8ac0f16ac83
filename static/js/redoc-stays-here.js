// ReDoc shows its maker's logo, from its maker's host. Nobody's reading here is told to anybody: a picture's address that
// leads elsewhere is dropped before the browser asks for it. (The policy would block it too, with an error on the console.)
{
  const picture = HTMLImageElement.prototype;
  const address = Object.getOwnPropertyDescriptor(picture, "src");
  const staysHere = (value) => value.startsWith("data:") || new URL(value, location.href).origin === location.origin;

  picture.setAttribute = function (name, value) {
    if (name !== "src" || staysHere(value)) {
      Element.prototype.setAttribute.call(this, name, value);
    }
  };
  Object.defineProperty(picture, "src", {
    ...address,
    set(value) {
      if (staysHere(value)) {
        address.set.call(this, value);
      }
    },
  });
}
